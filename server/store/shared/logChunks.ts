import { randomInt } from 'node:crypto';
import type { SeenLines } from '../../../builder/model/container.ts';
import type {
  LogChunk,
  LogChunks,
  LogCommit,
  LogDay,
  LogHead,
  LogHolder,
  LogOutline,
  LogVerdict,
  RemovedChunk,
} from '../contract/logChunks.ts';
import type { Loose } from '../loose.ts';
import { integer, integerOrNull, text, textOrNull } from '../row.ts';
import type { Row } from '../sql.ts';
import * as sql from './logStatements.ts';

export interface LogChunkOptions {
  /** Those who write logs have a connection of their own: neither they nor anybody else waits for the other. */
  write: Loose;
  read: Loose;
  /** For what may take its time. */
  tidy: Loose;
}

/** Processes that add to the same sum of sizes wait for each other's commits. */
const slots = 64;

export function createLogChunks({ write, read, tidy }: LogChunkOptions): LogChunks {
  const slot = randomInt(slots);
  return {
    makeDays: async () => void (await tidy.all(sql.makeDays, [])),
    begin: (runId, writer, holder) =>
      write
        .together((tx) => begin(tx, runId, writer, holder))
        .catch((error: unknown) => {
          if (error instanceof Refused) return undefined;
          throw error;
        }),
    append: (commits) => write.together((tx) => append(tx, commits, slot)),
    heads: async (runIds) =>
      new Map(
        (await read.all(sql.headsOf, [listOf(runIds)])).map((row) => [text(row, 'run_id'), headOf(row)]),
      ),
    read: async (runId, from, bytes) => (await read.all(sql.readChunks, [runId, from, bytes])).map(chunkOf),
    outline: async (runId, from, to) =>
      outlineOf(await read.all(sql.outlineOf, [runId, from, Math.min(to, Number.MAX_SAFE_INTEGER)])),
    async count(runId, from) {
      const [row = {}] = await read.all(sql.countFrom, [runId, from]);
      return { seen: seenOf(row), begun: row['body'] ? chunkOf(row) : undefined };
    },
    removedParts: async (runId) => (await read.all(sql.removedParts, [runId])).map(removedOf),
    sizes: async (runIds) => numbersOf(await read.all(sql.sizesOf, [listOf(runIds)]), 'stored'),
    totalSize: async () => integer((await read.all(sql.totalSize, []))[0] ?? {}, 'bytes'),
    remove: async (runIds) => void (await tidy.run(sql.removeLogs, [listOf(runIds), slot])),
    days: async () => (await read.all(sql.daysMade, [])).map(dayOf),
    dropDay: async (day) => void (await tidy.all(sql.dropDay, [day])),
    async forget(day) {
      const forgotten = () =>
        day === undefined ? tidy.all(sql.forgetElse, []) : tidy.all(sql.forgetOfDay, [day]);
      while (integer((await forgotten())[0] ?? {}, 'logs') > 0);
    },
  };
}

/** Undoes a beginning that has nobody's leave. */
class Refused extends Error {}

async function begin(
  tx: Loose,
  runId: string,
  writer: string,
  holder: LogHolder | undefined,
): Promise<LogHead & { commits: number }> {
  const [, , [head]] = await Promise.all([
    tx.run(sql.lockHead, [runId, writer]),
    tx.run(sql.clearRemoved, [runId]),
    tx.all(sql.takeHead, [runId, writer, holder?.attemptId ?? null, holder?.leaseId ?? null]),
  ]);
  if (!head) throw new Refused();
  return { ...headOf(head), commits: integer(head, 'commits') };
}

function headOf(row: Row): LogHead {
  return { last: integer(row, 'last_line'), born: text(row, 'born') };
}

async function append(tx: Loose, commits: readonly LogCommit[], slot: number): Promise<LogVerdict[]> {
  // Two processes have the same logs where one takes them from the other: then both take them in this order.
  const inOrder = commits.toSorted((one, two) => (one.runId < two.runId ? -1 : 1));
  const raws = new Map(
    await Promise.all(inOrder.map(async (one) => [one, await moveHead(tx, one)] as const)),
  );
  const done = await Promise.all(commits.map((one) => finished(tx, one, raws.get(one))));
  const bytes = done.reduce((sum, { grown }) => sum + grown, 0);
  if (bytes !== 0) await tx.run(sql.addSize, [slot, bytes]);
  return done.map(({ verdict }) => verdict);
}

async function finished(
  tx: Loose,
  commit: LogCommit,
  raw: number | undefined,
): Promise<{ verdict: LogVerdict; grown: number }> {
  if (raw === undefined) return { verdict: await verdictOn(tx, commit), grown: 0 };
  return { verdict: 'stored', grown: commit.stored - (await store(tx, commit, raw)) };
}

/** What the log counts against its limit then; undefined where this is not its next commit. */
async function moveHead(tx: Loose, commit: LogCommit): Promise<number | undefined> {
  const { runId, writer, commits, last, raw, stored } = commit;
  const [head] = await tx.all(sql.moveHead, [runId, writer, commits, last, raw, stored]);
  return head && integer(head, 'raw');
}

/** Where the answer to its commit was lost, it may be stored already. */
async function verdictOn(tx: Loose, { runId, writer, commits }: LogCommit): Promise<LogVerdict> {
  const [head] = await tx.all(sql.headOf, [runId]);
  if (!head) return 'removed';
  if (textOrNull(head, 'writer') !== writer) return 'taken over';
  if (integer(head, 'commits') === commits + 1) return 'stored';
  throw new Error(
    `the log of run ${runId} has ${integer(head, 'commits')} commits where ${commits} were made`,
  );
}

/** Gives the bytes that are free in its place. All is asked in one turn. */
async function store(tx: Loose, commit: LogCommit, raw: number): Promise<number> {
  const { runId, replaceFrom, chunks, maxRaw, keepFrom } = commit;
  const asked: Promise<unknown>[] = [];
  if (replaceFrom !== undefined) asked.push(tx.run(sql.replaceChunks, [runId, replaceFrom]));
  for (const { first, last, since, raw: own, stored, textBytes, seen, body } of chunks) {
    const { stdout, stderr, bytes, oldestAt = null, newestAt = null } = seen;
    const counts = [stdout, stderr, bytes, oldestAt, newestAt];
    asked.push(tx.run(sql.insertChunk, [runId, first, last, since, own, stored, textBytes, ...counts, body]));
  }
  const shortened = raw > maxRaw ? tx.all(sql.removeMiddle, [runId, maxRaw, keepFrom]) : [];
  const [rows] = await Promise.all([shortened, ...asked]);
  return rows[0] ? integer(rows[0], 'freed') : 0;
}

function chunkOf(row: Row): LogChunk {
  const { body } = row;
  return {
    first: integer(row, 'first_line'),
    last: integer(row, 'last_line'),
    textBytes: integer(row, 'text_bytes'),
    body: body instanceof Uint8Array ? body : null,
  };
}

function outlineOf(rows: readonly Row[]): LogOutline {
  const [row] = rows;
  const [gone, edges] = [rows.filter((one) => one['gone'] === 1), rows.filter((one) => one['gone'] !== 1)];
  return {
    textBytes: row ? integer(row, 'total') : 0,
    chunks: row ? integer(row, 'chunks') : 0,
    edges: edges.map(chunkOf),
    gaps: gone.map((one) => ({ first: integer(one, 'first_line'), last: integer(one, 'last_line') })),
  };
}

function seenOf(row: Row): SeenLines {
  return {
    stdout: integer(row, 'stdout_lines'),
    stderr: integer(row, 'stderr_lines'),
    bytes: integer(row, 'output_bytes'),
    oldestAt: integerOrNull(row, 'oldest_at') ?? undefined,
    newestAt: integerOrNull(row, 'newest_at') ?? undefined,
  };
}

function removedOf(row: Row): RemovedChunk {
  return { ...seenOf(row), first: integer(row, 'first_line'), last: integer(row, 'last_line') };
}

function dayOf(row: Row): LogDay {
  return {
    day: text(row, 'day'),
    endsAt: integer(row, 'ends_at'),
    logs: integer(row, 'logs'),
    keptBytes: integer(row, 'kept_bytes'),
    removed: integer(row, 'removed'),
    removedSince: integerOrNull(row, 'removed_since'),
  };
}

function numbersOf(rows: readonly Row[], column: string): Map<string, number> {
  return new Map(rows.map((row) => [text(row, 'run_id'), integer(row, column)]));
}

function listOf(runIds: readonly string[]): string {
  return `{${runIds.join(',')}}`;
}
