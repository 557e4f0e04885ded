import { mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LogLine, LogText } from '../../../server/words/logs.ts';
import { type Logs, type LogsOptions, openLogs } from '../../../server/room/logs/logs.ts';
import { openSharedLogs } from '../../../server/room/logs/shared/logs.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';

export const runId = '019a0000-1111-7222-8333-44445555aa7f';

/** A place for logs that goes away again, and can be opened anew as after a restart. */
export interface Place extends AsyncDisposable {
  logs: Logs;
  reopen(): Promise<Logs>;
  /** What the one log that the tests write counts against its limit. */
  bytes(): Promise<number>;
}

export interface FolderPlace extends Place {
  folder: string;
  /** The folder of the one log that the tests write. */
  logFolder: string;
}

export type PlaceOptions = Partial<Omit<LogsOptions, 'folder' | 'reserveBytes'>>;

export interface Places {
  newPlace(options?: PlaceOptions): Promise<Place>;
  /** Of the runs of a property: where each of them takes longer there are fewer. */
  runs(count: number): number;
}

/** Registers the suite once for logs in files, and once for those in a database that processes share. */
export function onBothLogs(title: string, suite: (places: Places) => void): void {
  describe(`${title}, in files`, () => suite({ newPlace, runs: (count) => count }));
  describe(`${title}, in a database`, () => {
    let database: FreshDatabase;
    let store: Store;
    before(async () => {
      database = await freshDatabase();
      store = await openPostgresStore(database.url);
    });
    after(async () => {
      await store?.close();
      await database?.giveBack();
    });
    suite({
      newPlace: (options) => newSharedPlace(store, database, options),
      runs: (count) => Math.ceil(count / 3),
    });
  });
}

async function newSharedPlace(
  { shared }: Store,
  database: FreshDatabase,
  { segmentBytes, ...options }: PlaceOptions = {},
): Promise<Place> {
  if (!shared) throw new Error('the store is not shared');
  const chunkBytes = segmentBytes === undefined ? {} : { chunkBytes: segmentBytes };
  const open = (): Logs => openSharedLogs({ shared, delayMs: 2, lingerMs: 5, ...chunkBytes, ...options });
  const place: Place = {
    logs: open(),
    async reopen() {
      await place.logs.close();
      place.logs = open();
      return place.logs;
    },
    async bytes() {
      const [row] = await database.script('SELECT coalesce(sum(raw), 0)::int AS raw FROM log_chunks');
      return Number(row?.['raw']);
    },
    async [Symbol.asyncDispose]() {
      await place.logs.close();
      await place.logs.remove(runId);
    },
  };
  return place;
}

export async function newPlace(options: PlaceOptions = {}): Promise<FolderPlace> {
  const folder = await mkdtemp(path.join(tmpdir(), 'docker-builder-logs-'));
  const open = (): Logs => openLogs({ folder, delayMs: 2, lingerMs: 5, ...options });
  const place: FolderPlace = {
    folder,
    logFolder: path.join(folder, runId.slice(-2), runId),
    logs: open(),
    async reopen() {
      await place.logs.close();
      place.logs = open();
      return place.logs;
    },
    bytes: () => bytesOnDisk(place.logFolder),
    async [Symbol.asyncDispose]() {
      await place.logs.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return place;
}

export async function textOf(text: LogText | undefined): Promise<string | undefined> {
  if (!text) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of text.chunks()) chunks.push(Buffer.from(chunk));
  const whole = Buffer.concat(chunks);
  if (whole.length !== text.bytes) throw new Error(`${text.bytes} bytes were promised, ${whole.length} came`);
  return whole.toString();
}

export async function linesOf(logs: Logs, from: number, to: number): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const group of logs.lines(runId, from, to)) lines.push(...group);
  return lines;
}

/** Writes whole lines and ends the log. */
export async function writeLines(logs: Logs, lines: readonly string[], block = 7): Promise<void> {
  const writer = await logs.write(runId);
  for (let start = 0; start < lines.length; start += block)
    writer.append('stdout', asText(lines.slice(start, start + block)));
  await writer.end();
}

export function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

export function numbered(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, at) => `line ${from + at}`);
}

async function bytesOnDisk(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Files below a folder that this process holds open. */
export async function openFiles(folder: string): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(folder));
}
