import type { Environment } from './config/environment.ts';
import type { Mistake } from './config/mistakes.ts';
import { resolveReference } from './config/reference.ts';
import { openSettings } from './config/settings.ts';
import { checkSettings, type Settings } from './config/settingsSchema.ts';
import { openStorage } from './config/settingsStorage.ts';
import type { Report } from './room/room.ts';

/** The settings with the secrets that they name. */
export interface Resolved {
  settings: Settings;
  /** By host, lower case. */
  credentials: ReadonlyMap<string, { username: string; password: string }>;
  /** By name. */
  secrets: ReadonlyMap<string, string>;
  registries: readonly Registry[];
}

/** A registry of the settings, with the credential where there is one. */
export interface Registry {
  host: string;
  path: string | undefined;
  projects: readonly string[];
  credential: { username: string; password: string } | undefined;
}

/** What the server, or a command, is told at one moment. */
export interface ConfigurationState {
  readonly environment: Environment;
  /** The last good ones. */
  readonly current: Resolved;
}

export interface Configuration extends ConfigurationState {
  /** Called after each change that is good. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** Reads settings.json once; without the file, all is as usual. Throws a ConfigError where it has mistakes. */
export async function readConfiguration(environment: Environment, path: string): Promise<ConfigurationState> {
  const settings = (await openStorage(path).read())?.settings ?? checkSettings({}).settings;
  return { environment, current: await resolve(settings) };
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
  const credentials = settings.sources.credentials.map(async ({ host, username, password }) => {
    return [host, { username, password: await resolveReference(password) }] as const;
  });
  const secrets = settings.secrets.map(
    async ({ name, value }) => [name, await resolveReference(value)] as const,
  );
  return {
    settings,
    credentials: new Map(await Promise.all(credentials)),
    secrets: new Map(await Promise.all(secrets)),
    registries: await Promise.all(settings.registries.map(resolveRegistry)),
  };
}

async function resolveRegistry({
  username,
  password,
  host,
  path,
  projects,
}: Settings['registries'][number]): Promise<Registry> {
  const isKnown = username !== undefined && password !== undefined;
  const credential = isKnown ? { username, password: await resolveReference(password) } : undefined;
  return { host, path, projects, credential };
}
