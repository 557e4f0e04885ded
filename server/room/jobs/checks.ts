import { BuildFault } from '../../../builder/model/faults.ts';
import { shown } from '../../../builder/model/shown.ts';
import type { Tx } from '../../store/store.ts';
import { Problem } from '../../words/problems.ts';
import { endpointProblem } from '../http/guard.ts';
import { sourceUrlOf } from '../imageSpec.ts';
import type { Room } from '../room.ts';
import type { DefinitionWish } from './definition.ts';

/** Refuses addresses that the server must not ask: sources that the settings do not allow, endpoints that are private. */
export async function refuseAddresses(room: Room, wish: DefinitionWish): Promise<void> {
  const source = sourceProblem(room, wish);
  const endpoints = await Promise.all([
    addressProblem(room, 'endpoint_url', wish.http?.url),
    addressProblem(room, 'fallback_endpoint_url', wish.http?.fallbackUrl),
    addressProblem(room, 'webhook_url', wish.webhookUrl),
  ]);
  const details = [source, ...endpoints].filter((problem) => problem !== undefined);
  const [only] = details;
  if (only === undefined) return;
  throw new Problem('validation_error', details.length === 1 ? only : 'validation failed', { details });
}

/** Refuses a container job that is to run the image of a job which the project does not have, or which builds none. */
export async function refuseUnknownImageJob(
  tx: Pick<Tx, 'jobBySlug'>,
  project: string,
  { container }: DefinitionWish,
): Promise<void> {
  const image = container?.image;
  if (typeof image !== 'object') return;
  const job = await tx.jobBySlug(project, image.job);
  if (job?.kind === 'image') return;
  const sentence = job
    ? `${shown(image.job)} is a ${job.kind} job: it builds no image`
    : `the project has no job ${shown(image.job)}`;
  throw new Problem('validation_error', `invalid container.image: ${sentence}`, { field: 'container.image' });
}

function sourceProblem({ policy }: Room, { image }: DefinitionWish): string | undefined {
  if (!image?.source) return undefined;
  const { source, url } = image;
  try {
    sourceUrlOf({ source, ...(url && { url }) }, policy());
    return undefined;
  } catch (error) {
    if (error instanceof BuildFault) return `invalid image.source: ${error.message}`;
    throw error;
  }
}

async function addressProblem(
  room: Room,
  field: string,
  url: string | undefined,
): Promise<string | undefined> {
  if (!url) return undefined;
  const problem = await endpointProblem(room, url);
  return problem === undefined ? undefined : `invalid ${field}: ${problem}`;
}
