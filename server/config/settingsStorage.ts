import { stat } from 'node:fs/promises';
import { Low } from 'lowdb';
import { JSONFile } from 'lowdb/node';
import { ConfigError } from './mistakes.ts';
import { type CheckedSettings, checkSettings, type Settings, type SettingsDraft } from './settingsSchema.ts';

export interface SettingsStorage {
  /** What the file says, undefined without a file. Throws a ConfigError with every mistake. */
  read(): Promise<CheckedSettings | undefined>;
  /** Throws a ConfigError, with nothing written, where the draft has mistakes. */
  write(draft: SettingsDraft): Promise<Settings>;
}

/** The file, kept with lowdb: it reads JSON and replaces the file whole. */
export function openStorage(path: string): SettingsStorage {
  // Not its preset, which keeps everything in memory under NODE_ENV=test.
  const low = new Low<unknown>(new JSONFile(path), {});

  const check = (raw: unknown): CheckedSettings => {
    try {
      return checkSettings(raw);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(
        error.mistakes.map(({ place, problem }) => ({ place: `${path}: ${place}`, problem })),
      );
    }
  };
  const read = async (): Promise<CheckedSettings | undefined> => {
    // lowdb keeps the old data where there is no file, and where the file holds only `null`, `0` or `""`.
    low.data = undefined;
    try {
      await low.read();
    } catch (error) {
      throw unreadable(path, error);
    }
    return low.data === undefined && !(await exists(path)) ? undefined : check(low.data);
  };
  const write = async (draft: SettingsDraft): Promise<Settings> => {
    const { settings } = check(draft);
    low.data = draft;
    await low.write();
    return settings;
  };
  return { read, write };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function unreadable(path: string, error: unknown): ConfigError {
  const why = error instanceof Error ? error.message : String(error);
  const problem = error instanceof SyntaxError ? `is not valid JSON: ${why}` : `cannot be read: ${why}`;
  return new ConfigError([{ place: path, problem }]);
}
