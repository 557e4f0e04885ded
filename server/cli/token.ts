import { scopes } from '../words/scopes.ts';
import { openApiOffice } from './apiOffice.ts';
import { readArguments, readTime, UsageError } from './arguments.ts';
import type { KeyOffice, KeyView } from './keyOffice.ts';
import { openStoreOffice } from './storeOffice.ts';

export const tokenUsage = `docker-builder token create --project P --name N [--scopes a,b] [--expires 90d]
docker-builder token list [--project P]
docker-builder token revoke ID

API keys, for programs that use the server. A key sees its project only; --project '*' is every
project. Scopes:
  ${scopes.join(', ')};
none, or '*', is all but admin. --expires takes 90d, 12h, 30m or a time such as
2030-01-31T00:00:00Z; without it a key lasts for ever. The key is shown once.

With DOCKER_BUILDER_HOST the server there is asked, with DOCKER_BUILDER_TOKEN as credential. Else
the store of DOCKER_BUILDER_DATABASE or DOCKER_BUILDER_DATA is changed itself; an SQLite one only
while no server uses it.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Does `token create`, `list` or `revoke`. Throws a UsageError, or what the store or the server refuses with. */
export async function runToken(args: readonly string[], env: Environment): Promise<void> {
  const [command = '', ...rest] = args;
  if (rest.includes('--help') || ['--help', '-h'].includes(command)) say(tokenUsage);
  else if (command === 'create') await create(rest, env);
  else if (command === 'list') await list(rest, env);
  else if (command === 'revoke') await revoke(rest, env);
  else throw new UsageError(command === '' ? 'token create, list or revoke?' : `unknown: token ${command}`);
}

async function create(args: readonly string[], env: Environment): Promise<void> {
  const { values } = readArguments(args, ['project', 'name', 'scopes', 'expires']);
  const { project, name, scopes: wanted = '', expires } = values;
  if (project === undefined || name === undefined) throw new UsageError('--project and --name are needed');
  const expiresAt = expires === undefined ? undefined : readTime(expires, Date.now());
  const request = {
    project_id: project,
    name,
    scopes: wanted.split(',').flatMap((scope) => scope.trim() || []),
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
  };
  await withOffice(env, async (office) => {
    const made = await office.create(request);
    // The key alone goes to where a script reads it.
    process.stderr.write(`made ${lineOf(made)}\nThe key is shown only now:\n`);
    say(`${made.key}\n`);
  });
}

async function list(args: readonly string[], env: Environment): Promise<void> {
  const { project } = readArguments(args, ['project']).values;
  await withOffice(env, async (office) => {
    for (const key of await office.list(project)) say(`${lineOf(key)}\n`);
  });
}

async function revoke(args: readonly string[], env: Environment): Promise<void> {
  const [id = ''] = readArguments(args, [], ['ID']).words;
  await withOffice(env, async (office) => {
    await office.revoke(id);
    say(`revoked ${id}\n`);
  });
}

async function withOffice(env: Environment, work: (office: KeyOffice) => Promise<void>): Promise<void> {
  const host = env['DOCKER_BUILDER_HOST'] || undefined;
  const token = env['DOCKER_BUILDER_TOKEN'] || undefined;
  const office =
    host === undefined
      ? await openStoreOffice(
          env['DOCKER_BUILDER_DATA'] || './data',
          env['DOCKER_BUILDER_DATABASE'] || undefined,
        )
      : openApiOffice(host, token);
  try {
    await work(office);
  } finally {
    await office.close();
  }
}

function lineOf(key: KeyView): string {
  const { id, key_prefix, project_id, scopes: held, name, last_used_at } = key;
  const used = last_used_at === undefined ? 'never used' : `used ${last_used_at}`;
  const words = [
    id,
    `${key_prefix}…`,
    project_id,
    held.join(',') || '*',
    endOf(key),
    used,
    JSON.stringify(name),
  ];
  return words.join('  ');
}

function endOf({ revoked_at, expires_at }: KeyView): string {
  if (revoked_at !== undefined) return `revoked ${revoked_at}`;
  return expires_at === undefined ? 'for ever' : `until ${expires_at}`;
}

function say(text: string): void {
  process.stdout.write(text);
}
