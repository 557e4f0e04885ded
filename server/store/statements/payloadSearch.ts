import type { Run } from '../../words/run.ts';
import type { RunSearch } from '../contract/runs.ts';
import { json, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

/** A payload may be megabytes: so few are looked into in one turn. */
export const payloadsAtOnce = 20;
/** Longer payloads are not taken apart. */
const mostTaken = 64 * 1024;

const withText = statement(`SELECT run_id FROM run_bodies
  WHERE REPLACE(payload, $1, '') <> payload AND run_id IN (${parameters(2)})`);
const short = statement(`SELECT run_id, payload FROM run_bodies
  WHERE LENGTH(payload) <= $1 AND run_id IN (${parameters(2)})`);

export function asksForPayload({ payloadContains, payloadMembers }: RunSearch): boolean {
  return payloadContains !== undefined || payloadMembers !== undefined;
}

/** Those of at most `payloadsAtOnce` runs whose payload is as the search asks. */
export async function fittingPayloads(sql: Sql, runs: readonly Run[], search: RunSearch): Promise<Run[]> {
  const { payloadContains, payloadMembers } = search;
  let left = [...runs];
  if (payloadContains !== undefined) {
    const rows = await sql.all(withText, [payloadContains, ...idsOf(left)]);
    const found = new Set(rows.map((row) => text(row, 'run_id')));
    left = left.filter(({ id }) => found.has(id));
  }
  if (payloadMembers !== undefined) {
    const rows = await sql.all(short, [mostTaken, ...idsOf(left)]);
    const found = new Set(
      rows.filter((row) => contains(json(row, 'payload'), payloadMembers)).map((row) => text(row, 'run_id')),
    );
    left = left.filter(({ id }) => found.has(id));
  }
  return left;
}

/** Whether a value has all that is wanted of it: members of objects, and of lists each item somewhere. */
function contains(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(value) && wanted.every((item) => value.some((other) => contains(other, item)));
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(wanted).every(
    ([name, member]) => Object.hasOwn(value, name) && contains(Reflect.get(value, name), member),
  );
}

function idsOf(runs: readonly Run[]): string[] {
  return Array.from({ length: payloadsAtOnce }, (_, index) => runs[index]?.id ?? '');
}

function parameters(first: number): string {
  return Array.from({ length: payloadsAtOnce }, (_, index) => `$${first + index}`).join(', ');
}
