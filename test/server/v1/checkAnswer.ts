import { expect } from 'chai';
import type { z } from 'zod';
import { operationGroups } from '../../../server/app/openapi/operations.ts';
import { problem } from '../../../server/doors/v1/schemas/problem.ts';
import type { Operation, OperationAnswer } from '../../../server/http/operation.ts';

interface Known {
  method: string;
  parts: string[];
  operation: Operation;
}

const known: Known[] = operationGroups
  .flatMap(({ operations }) => Object.entries(operations))
  .map(([key, operation]) => {
    const [method = '', path = ''] = key.split(' ');
    return { method: method.toUpperCase(), parts: path.split('/'), operation };
  });

/** Fails where an answer is not as the document says; `text` is its body. */
export function checkAnswer(method: string, target: string, status: number, text: string): void {
  const what = `${status} of ${method} ${target}`;
  const operation = operationOf(method, target.split('?', 1)[0] ?? '');
  const answer = operation?.answers[status];
  if (!answer && status >= 400) return checkBody(what, problem, text);
  if (!answer) throw new Error(`the document knows nothing of ${what}`);
  if (answer.schema) checkBody(what, answer.schema, text);
  else if (!hasBody(answer)) expect(text, `body of ${what}`).to.equal('');
}

function checkBody(what: string, schema: z.ZodType, text: string): void {
  const body: unknown = JSON.parse(text);
  const read = schema.safeParse(body);
  if (!read.success)
    throw new Error(`${what} does not fit its schema: ${read.error.message}\n${text.slice(0, 2000)}`);
  // What a schema does not know it leaves out.
  expect(read.data, `fields of ${what} that the document does not know`).to.deep.equal(body);
}

function hasBody({ type, schema }: OperationAnswer): boolean {
  return type !== undefined || schema !== undefined;
}

/** The most literal one that fits, as it is with routes. */
function operationOf(method: string, path: string): Operation | undefined {
  const parts = path.replace(/(?<=.)\/$/, '').split('/');
  const fitting = known.filter((one) => one.method === method && fits(one.parts, parts));
  return fitting.toSorted((a, b) => holes(a) - holes(b))[0]?.operation;
}

function fits(template: readonly string[], parts: readonly string[]): boolean {
  return (
    template.length === parts.length &&
    template.every((part, index) => part === parts[index] || part.startsWith(':'))
  );
}

function holes({ parts }: Known): number {
  return parts.filter((part) => part.startsWith(':')).length;
}
