import { UsageError } from './cli/arguments.ts';
import { ConfigError } from './config/mistakes.ts';
import { StartError } from './startError.ts';
import { programVersion } from './version.ts';
import { Problem } from './words/problems.ts';
import { StoreUnavailable } from './words/storeUnavailable.ts';

const usage = `docker-builder [serve]     run the build server
docker-builder init        write a Bobfile for a Dockerfile
docker-builder lint        check a Bobfile
docker-builder build       build a folder on this machine, without a server
docker-builder enqueue     ask a server to build the branch that is checked out
docker-builder token       make, list and revoke API keys
docker-builder store       copy the store to another place, also between SQLite and PostgreSQL
docker-builder --version
docker-builder --help      and docker-builder <command> --help

The server is configured by environment variables that begin with DOCKER_BUILDER_ and by
settings.json in its data folder: see README.md.
`;

type Command = (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<void>;

// Each command loads what it needs, no more.
const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['serve', async (args, env) => (await import('./cli/serve.ts')).runServe(args, env)],
  ['token', async (args, env) => (await import('./cli/token.ts')).runToken(args, env)],
  ['store', async (args, env) => (await import('./cli/store.ts')).runStore(args, env)],
  ['build', async (args, env) => (await import('./cli/build.ts')).runBuildCommand(args, env)],
  ['init', async (args) => (await import('./cli/init.ts')).runInit(args)],
  ['lint', async (args) => (await import('./cli/lint.ts')).runLint(args)],
  ['enqueue', async (args, env) => (await import('./cli/enqueue.ts')).runEnqueue(args, env)],
]);
const alone: ReadonlySet<string> = new Set(['--version', '-v', '--help', '-h']);

/**
 * Exit codes: 0 ended as asked; 1 could not start, failed, or found problems; 2 a mistake in the configuration or the
 * arguments.
 */
export async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [name = 'serve', ...rest] = args;
  const command = commands.get(name);
  if ((!command && !alone.has(name)) || (alone.has(name) && rest.length > 0)) {
    process.stderr.write(`docker-builder: unknown: ${args.join(' ')}\n\n${usage}`);
    process.exitCode = 2;
  } else if (command) await orExplain(() => command(rest, env));
  else process.stdout.write(name.includes('v') ? `docker-builder ${programVersion()}\n` : usage);
}

async function orExplain(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    const details = error instanceof Problem ? (error.details ?? []) : [];
    const sentences = [error.message, ...details.filter((detail) => detail !== error.message)];
    process.stderr.write(`docker-builder: ${sentences.join('\n  ')}\n`);
    process.exitCode = code;
  }
}

/** Undefined for what nobody foresaw. */
function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof ConfigError || error instanceof UsageError) return 2;
  if (error instanceof Problem) return error.status < 500 && error.code !== 'not_found' ? 2 : 1;
  return error instanceof StartError || error instanceof StoreUnavailable ? 1 : undefined;
}
