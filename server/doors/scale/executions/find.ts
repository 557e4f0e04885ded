import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { pathPart } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import { sees } from '../../../words/scopes.ts';
import { numberOf } from '../answer.ts';
import { notFound } from '../problems.ts';

/** The execution that the path names. Throws a Problem (404) where there is none, or none for the one who asks. */
export async function findExecution(
  { store }: Room,
  request: Request,
  response: Response,
): Promise<Execution> {
  const key = numberOf(pathPart(request, 'execution'));
  const execution = key === 0 ? undefined : await store.read.execution(key);
  if (!execution || !sees(identityOf(response), execution.run.project)) throw notFound();
  return execution;
}
