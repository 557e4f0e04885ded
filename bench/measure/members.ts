import { randomBytes } from 'node:crypto';
import type { Role } from '../../server/words/member.ts';
import { type Member, startMember } from '../../test/fixtures/cluster/member.ts';
import { startPostgres } from '../../test/fixtures/postgres.ts';

/**
 * Real programs of these roles on a PostgreSQL of their own, which writes to its disk at each commit, for the time of `work`.
 * Their engines cannot be reached.
 */
export async function withMembers<T>(
  roles: readonly Role[],
  work: (members: Member[]) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  const postgres = await startPostgres({ durable: true });
  const members: Member[] = [];
  const common = {
    DOCKER_HOST: 'unix:///nowhere.sock',
    DOCKER_BUILDER_DATABASE: postgres.url,
    DOCKER_BUILDER_SECRETKEY: randomBytes(32).toString('hex'),
    ...env,
  };
  try {
    for (const [index, role] of roles.entries())
      members.push(await startMember({ name: `${role}-${index}`, role, env: common, alive: '/livez' }));
    return await work(members);
  } finally {
    await Promise.all(members.map((member) => member.close()));
    await postgres.close();
  }
}
