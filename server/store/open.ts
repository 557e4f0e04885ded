import { mkdirSync } from 'node:fs';
import { uuid7 } from '../words/uuid7.ts';
import { createGroupCommit } from './group.ts';
import { filesOf, lockStore } from './lock.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/list.ts';
import type { Step } from './migrations/step.ts';
import { sqliteTexts } from './migrations/texts.ts';
import { createReads } from './reads.ts';
import { createRemembered } from './remembered.ts';
import { openReader, openWriter } from './sqlite.ts';
import { ensureStoreId } from './statements/meta.ts';
import type { Store } from './store.ts';
import { createTx } from './tx.ts';

export interface OpenOptions {
  /** What the time is, in milliseconds since 1970; the clock's unless given. */
  now?: number;
  /** The steps of the schema; those of this program unless given. */
  steps?: readonly Step[];
}

/**
 * Opens the store in a folder, or in a file by itself (`x.sqlite`, `x.db`), made where it is missing, and holds it until
 * `close`.
 *
 * @throws Error with a sentence for a person: it is in use, cannot be written, or is of a newer version
 */
export async function openSqliteStore(
  place: string,
  { now = Date.now(), steps = migrations }: OpenOptions = {},
): Promise<Store> {
  const opened: { close(): void }[] = [];
  const closeAll = () => opened.toReversed().forEach((part) => part.close());
  try {
    const files = filesOf(place);
    makeFolder(files.folder);
    opened.push(lockStore(files));
    const remembered = createRemembered();
    const writer = openWriter(files.file, remembered);
    opened.push(writer);
    const group = createGroupCommit(writer);
    const id = await group.write(async (sql) => {
      await migrate(sql, { textsOf: sqliteTexts, migrations: steps, now });
      return ensureStoreId(sql, uuid7(now));
    });
    const reader = openReader(files.file);
    opened.push(reader);
    return {
      id,
      shared: undefined,
      read: createReads(remembered.over(reader.sql)),
      write: (work, options) => group.write((sql) => work(createTx(sql)), options),
      async close() {
        await group.close();
        closeAll();
        opened.length = 0;
      },
    };
  } catch (error) {
    closeAll();
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the data folder ${folder} cannot be made: ${message}`, { cause });
  }
}
