import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type Mistake } from './mistakes.ts';
import { openStorage } from './settingsStorage.ts';
import { checkSettings, type Settings, type SettingsDraft } from './settingsSchema.ts';
import { createTurns } from './turns.ts';

export interface SettingsListeners {
  /** The settings are others than before. */
  onChange: (settings: Settings) => void;
  /** An edit has mistakes; the last good settings stay. Told once for each edit. */
  onRefused: (mistakes: readonly Mistake[]) => void;
}

export interface SettingsFile {
  /** The last good ones. */
  readonly current: Settings;
  /**
   * Changes what the file says now, and writes it whole beside and into place. Throws a ConfigError, with nothing
   * written, where the change or the file as it is has mistakes.
   */
  update(change: (draft: SettingsDraft) => void): Promise<Settings>;
  /** Ends the watch and waits for what is being read or written. */
  close(): Promise<void>;
}

/** An editor's save is several events; they are read as one. */
const settleMs = 30;

/**
 * Reads settings.json and follows its edits. No file is as good as an empty one and is not made; a file that goes
 * away later leaves the settings as they are. Throws a ConfigError where the file has mistakes at the start.
 */
export async function openSettings(path: string, listeners: SettingsListeners): Promise<SettingsFile> {
  const storage = openStorage(path);
  const turns = createTurns();
  let timer: NodeJS.Timeout | undefined;
  let refused: readonly Mistake[] = [];
  let wasThere = false;
  let current = checkSettings({}).settings;

  const accept = (next: Settings): void => {
    refused = [];
    wasThere = true;
    if (isDeepStrictEqual(next, current)) return;
    current = next;
    listeners.onChange(next);
  };
  const refuse = (mistakes: readonly Mistake[]): void => {
    if (isDeepStrictEqual(mistakes, refused)) return;
    refused = mistakes;
    listeners.onRefused(mistakes);
  };
  const reload = async (): Promise<void> => {
    try {
      const next = await storage.read();
      if (next) accept(next.settings);
      else if (wasThere)
        refuse([{ place: path, problem: 'the file is gone; put it back, the last good settings stay' }]);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refuse(error.mistakes);
    }
  };
  const update = async (change: (draft: SettingsDraft) => void): Promise<Settings> => {
    const draft = structuredClone((await storage.read())?.draft ?? {});
    change(draft);
    const next = await storage.write(draft);
    accept(next);
    return next;
  };

  // Watched before it is read, so that no edit falls between.
  const watcher = watchFile(path, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void turns.take(reload), settleMs);
  });
  watcher.on('error', (error) =>
    refuse([{ place: dirname(path), problem: `cannot be watched: ${error.message}` }]),
  );
  const close = async (): Promise<void> => {
    watcher.close();
    clearTimeout(timer);
    await turns.done();
  };
  try {
    const first = await storage.read();
    wasThere = first !== undefined;
    current = first?.settings ?? current;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get current() {
      return current;
    },
    update: (change) => turns.take(() => update(change)),
    close,
  };
}

/** Watches the folder: a watch on the file itself ends at the first save that puts a new file in its place. */
function watchFile(path: string, onEvent: () => void): FSWatcher {
  try {
    return watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onEvent();
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      { place: dirname(path), problem: `the folder of the settings cannot be watched: ${why}` },
    ]);
  }
}
