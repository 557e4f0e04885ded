import { fileURLToPath } from 'node:url';
import type { SimpleGit } from 'simple-git';
import { BuildFault } from '../../model/faults.ts';
import {
  type Access,
  accessConfig,
  baseEnvironment,
  type ConfigEntry,
  configEnvironment,
  type GitSettings,
  safeConfig,
} from './gitEnvironment.ts';

/** One command: in which repository, for how long, and with whose credential. */
export interface GitScope {
  gitDir: string;
  signal: AbortSignal;
  access?: Access | undefined;
  config?: readonly ConfigEntry[];
  environment?: Readonly<Record<string, string>>;
}

export interface Git {
  /**
   * Runs commands of simple-git. An abort ends git with all its helpers before the promise rejects.
   * @throws GitFailure where git ends with another code than 0; the signal's reason where it was aborted.
   */
  run<T>(scope: GitScope, command: (git: SimpleGit) => PromiseLike<T>): Promise<T>;
  /** The environment for a git that is spawned without simple-git. */
  environment(gitDir: string): Record<string, string>;
}

/** git ended badly; what it wrote tells why. */
export class GitFailure extends Error {
  readonly exitCode: number;
  readonly stderr: string;

  constructor(exitCode: number, stderr: string) {
    super(`git ended with exit code ${exitCode}`);
    this.name = 'GitFailure';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const group = ['sh', fileURLToPath(new URL('git-group.sh', import.meta.url))] satisfies [string, string];
const mostOutputBytes = 64 * 1024 * 1024;
const keptErrorBytes = 64 * 1024;

// What simple-git calls unsafe are settings of ours here: nothing from outside becomes a key or an option. Its guards
// against --upload-pack and the like stay on.
const ownSettings = {
  allowUnsafeCustomBinary: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeHooksPath: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeSshCommand: true,
  allowUnsafeFilter: true,
  // The guards look for these words in whole keys, also in the host's name of a credential's key.
  allowUnsafeAlias: true,
  allowUnsafePager: true,
} as const;

/** git with an environment that is ours alone, always in a process group that ends as one. */
export function createGit(settings: GitSettings): Git {
  const base = baseEnvironment(settings);
  const safe = safeConfig(settings.lowSpeedSecs);

  function environment(gitDir: string, config: readonly ConfigEntry[] = []): Record<string, string> {
    return { ...base, GIT_DIR: gitDir, ...configEnvironment([...config, ...safe]) };
  }

  async function run<T>(scope: GitScope, command: (git: SimpleGit) => PromiseLike<T>): Promise<T> {
    // Loaded with the first source, and not at the start.
    const { simpleGit } = await import('simple-git');
    scope.signal.throwIfAborted();
    const config = [...(scope.config ?? []), ...(scope.access ? [accessConfig(scope.access)] : [])];
    const env = { ...environment(scope.gitDir, config), ...scope.environment };
    const flood = new AbortController();
    const signal = AbortSignal.any([scope.signal, flood.signal]);
    let failure: GitFailure | undefined;
    const git = simpleGit({
      baseDir: settings.home,
      binary: group,
      abort: signal,
      allowEnvironment: Object.keys(env),
      unsafe: ownSettings,
      // The processes are gone only when nobody holds their output any more.
      completion: { onClose: true, onExit: false },
      errors(error, { exitCode, stdErr }) {
        if (error === undefined && exitCode === 0) return undefined;
        failure = new GitFailure(exitCode, Buffer.concat(stdErr).subarray(-keptErrorBytes).toString('utf8'));
        return failure;
      },
    });
    git.env(env).outputHandler((_, ...outputs) => stopFlood(outputs, flood));
    try {
      return await command(git);
    } catch (error) {
      signal.throwIfAborted();
      throw failure ?? error;
    }
  }

  return { run, environment: (gitDir) => environment(gitDir) };
}

/** simple-git keeps all that git prints in memory. */
function stopFlood(outputs: unknown[], flood: AbortController): void {
  let bytes = 0;
  for (const output of outputs) {
    if (!isStream(output)) continue;
    output.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostOutputBytes) {
        flood.abort(new BuildFault('source_invalid', 'git printed more than the server can hold.'));
      }
    });
  }
}

function isStream(value: unknown): value is NodeJS.ReadableStream {
  return typeof value === 'object' && value !== null && 'on' in value && typeof value.on === 'function';
}
