import type { Environment } from './config/environment.ts';
import type { Mistake } from './config/mistakes.ts';
import { resolveReference } from './config/reference.ts';
import { openSettings } from './config/settings.ts';
import type { Settings } from './config/settingsSchema.ts';
import type { Report } from './room/room.ts';

/** The settings with the secrets that they name. */
export interface Resolved {
  settings: Settings;
  /** By host, lower case. */
  credentials: ReadonlyMap<string, { username: string; password: string }>;
}

export interface Configuration {
  readonly environment: Environment;
  /** The last good ones. */
  readonly current: Resolved;
  /** Called after each change that is good. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** Reads settings.json and follows it. Throws a ConfigError where it has mistakes at the start. */
export async function openConfiguration(
  environment: Environment,
  path: string,
  report: Report,
): Promise<Configuration> {
  const listeners = new Set<() => void>();
  const file = await openSettings(path, {
    onChange: (settings) => void change(settings),
    onRefused: refused,
  });
  let current = await resolve(file.current);

  async function change(settings: Settings): Promise<void> {
    try {
      current = await resolve(settings);
      report.info({ path }, 'the changed settings are in use');
      for (const listener of listeners) listener();
    } catch (error) {
      report.error(
        { error, path },
        'a secret of the changed settings cannot be read; the last good settings stay',
      );
    }
  }

  function refused(mistakes: readonly Mistake[]): void {
    report.error({ path, mistakes }, 'the changed settings have mistakes; the last good settings stay');
  }

  return {
    environment,
    get current() {
      return current;
    },
    onChange: (listener) => void listeners.add(listener),
    close: () => file.close(),
  };
}

async function resolve(settings: Settings): Promise<Resolved> {
  const resolved = settings.sources.credentials.map(async ({ host, username, password }) => {
    return [host, { username, password: await resolveReference(password) }] as const;
  });
  return { settings, credentials: new Map(await Promise.all(resolved)) };
}
