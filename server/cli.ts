import { readFileSync } from 'node:fs';
import { UsageError } from './cli/arguments.ts';
import { ConfigError } from './config/mistakes.ts';
import { StartError } from './startError.ts';
import { Problem } from './words/problems.ts';

const usage = `docker-builder [serve]     run the build server
docker-builder token       make, list and revoke API keys: see token --help
docker-builder --version
docker-builder --help

The server is configured by environment variables that begin with DOCKER_BUILDER_ and by
settings.json in its data folder: see README.md.
`;

/** Exit codes: 0 ended as asked, 1 could not start or failed, 2 a mistake in the configuration or the arguments. */
export async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [command = 'serve', ...rest] = args;
  if (command === 'token') await orExplain(() => token(rest, env));
  else if (rest.length > 0 || !['serve', '--version', '-v', '--help', '-h'].includes(command)) {
    process.stderr.write(`docker-builder: unknown: ${args.join(' ')}\n\n${usage}`);
    process.exitCode = 2;
  } else if (command === 'serve') await orExplain(() => serve(env));
  else process.stdout.write(command.includes('v') ? `docker-builder ${version()}\n` : usage);
}

// Each command loads what it needs, no more.
async function token(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { runToken } = await import('./cli/token.ts');
  await runToken(args, env);
}

async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  const server = await import('./serve.ts');
  await server.serve(env);
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
  return error instanceof StartError ? 1 : undefined;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed
    ? String(parsed.version)
    : 'unknown';
}
