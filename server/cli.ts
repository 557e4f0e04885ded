import { readFileSync } from 'node:fs';
import { ConfigError } from './config/mistakes.ts';
import { serve } from './serve.ts';
import { StartError } from './startError.ts';

const usage = `docker-builder [serve]     run the build server
docker-builder --version
docker-builder --help

The server is configured by environment variables that begin with DOCKER_BUILDER_ and by
settings.json in its data folder: see README.md.
`;

/** Exit codes: 0 ended as asked, 1 could not start or failed, 2 a mistake in the configuration or the arguments. */
export async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [command = 'serve', ...rest] = args;
  if (rest.length > 0 || !['serve', '--version', '-v', '--help', '-h'].includes(command)) {
    process.stderr.write(`docker-builder: unknown: ${args.join(' ')}\n\n${usage}`);
    process.exitCode = 2;
  } else if (command === 'serve') await serveOrExplain(env);
  else process.stdout.write(command.includes('v') ? `docker-builder ${version()}\n` : usage);
}

async function serveOrExplain(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await serve(env);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
    process.stderr.write(`docker-builder: ${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed
    ? String(parsed.version)
    : 'unknown';
}
