import type { Cluster } from '../../test/fixtures/cluster/cluster.ts';
import type { Member } from '../../test/fixtures/cluster/member.ts';

export interface AttemptEnd {
  id: string;
  state: string;
}

/** SIGKILL; gives who it was. */
export async function killAndWait(member: Member): Promise<Member> {
  await member.kill();
  return member;
}

/** The attempts that a worker has under way; or, where these are named, what became of them. */
export async function endsOf(
  { postgres }: Cluster,
  { name }: Member,
  held?: readonly AttemptEnd[],
): Promise<AttemptEnd[]> {
  const which = held
    ? `id IN ('', ${held.map(({ id }) => `'${id}'`).join(', ')})`
    : `engine = '${name}' AND state = 'running'`;
  const rows = await postgres.script(`SELECT id, state FROM attempts WHERE ${which}`);
  return rows.map(({ id, state }) => ({ id: String(id), state: String(state) }));
}
