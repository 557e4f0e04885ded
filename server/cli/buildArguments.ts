import { parseArgs } from 'node:util';
import { UsageError } from './arguments.ts';

/** What `docker-builder build` was asked for. */
export interface BuildWish {
  /** A folder or a Bobfile. */
  path: string;
  dockerfile: string | undefined;
  project: string;
  skipPush: boolean;
}

/** Throws a UsageError. */
export function readBuildArguments(args: readonly string[]): BuildWish | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [path = '.', ...more] = positionals;
  if (more.length > 0) throw new UsageError(`unknown: ${more.join(' ')}`);
  return {
    path,
    dockerfile: values.dockerfile,
    project: values.project ?? 'local',
    skipPush: values['skip-push'] ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        dockerfile: { type: 'string' },
        project: { type: 'string' },
        'skip-push': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
