import { readEnvironment } from '../config/environment.ts';
import { ConfigError } from '../config/mistakes.ts';
import { prefix } from '../config/variables.ts';
import { asksForHelp, readArguments } from './arguments.ts';

const serveUsage = `docker-builder serve [--role all|server|worker] [--name N] [--labels a=b,c=d]

Runs the build server: everything of it, or on PostgreSQL what is asked over HTTP and by the clock
(server), or what engines do (worker). --name is what this process is called among those that share
the store, the machine's name without it. --labels are added to those of all its engines.

They come before DOCKER_BUILDER_ROLE, DOCKER_BUILDER_NAME and DOCKER_BUILDER_LABELS. All else is
said by environment variables and by settings.json in the data folder: see README.md.
`;

const flags = ['role', 'name', 'labels'] as const;

/** Runs the server until it is told to stop. Throws a UsageError, a ConfigError or a StartError where it cannot start. */
export async function runServe(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (asksForHelp(args)) return void process.stdout.write(serveUsage);
  const { values } = readArguments(args, flags);
  const given = Object.entries(values).map(([flag, value]) => [variableOf(flag), value]);
  const whole = { ...env, ...(Object.fromEntries(given) as Record<string, string>) };
  const environment = explained(() => readEnvironment(whole), Object.keys(values));
  const { serve } = await import('../serve.ts');
  await serve(environment, whole);
}

function variableOf(flag: string): string {
  return prefix + flag.toUpperCase();
}

/** Who typed a flag is told of the flag. */
function explained<T>(read: () => T, typed: readonly string[]): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const names = new Map(typed.map((flag) => [variableOf(flag), `--${flag}`]));
    throw new ConfigError(
      error.mistakes.map(({ place, problem }) => ({ place: names.get(place) ?? place, problem })),
    );
  }
}
