import { resolve } from 'node:path';
import { databaseProblem } from './config/database.ts';
import { filesOf, lockStore } from './store/lock.ts';
import { openSqliteStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { StartError } from './startError.ts';
import { isPostgresUrl } from './words/postgresUrl.ts';

export interface StorePlace {
  /** The data folder. */
  data: string;
  /** As DOCKER_BUILDER_DATABASE says; the data folder where it is absent. */
  database: string | undefined;
}

/** Opens the store. Throws a StartError with what to do where it cannot be opened. */
export async function openStore({ data, database = data }: StorePlace): Promise<Store> {
  const problem = databaseProblem(database);
  if (problem !== undefined) throw new StartError(`DOCKER_BUILDER_DATABASE ${problem}`);
  try {
    if (!isPostgresUrl(database)) return await openSqliteStore(database);
    // Most servers never need its driver.
    const { openPostgresStore } = await import('./store/postgres.ts');
    return await openPostgresStore(database);
  } catch (error) {
    throw asStartError(error);
  }
}

/** The same for the server, which also holds the data folder: its logs and mirrors are those of one process. */
export async function openServerStore(place: StorePlace): Promise<Store> {
  if (isInData(place)) return openStore(place);
  const lock = lockData(place.data);
  try {
    const store = await openStore(place);
    return { ...store, close: () => store.close().finally(() => lock.close()) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function isInData({ data, database = data }: StorePlace): boolean {
  return !isPostgresUrl(database) && resolve(filesOf(database).lock) === resolve(filesOf(data).lock);
}

function lockData(data: string): { close(): void } {
  try {
    return lockStore(filesOf(data));
  } catch (error) {
    throw asStartError(error);
  }
}

function asStartError(error: unknown): StartError {
  return new StartError(error instanceof Error ? error.message : String(error), { cause: error });
}
