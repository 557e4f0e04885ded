import { mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LogLine, LogText } from '../../../server/words/logs.ts';
import { type Logs, type LogsOptions, openLogs } from '../../../server/room/logs/logs.ts';

export const runId = '019a0000-1111-7222-8333-44445555aa7f';

/** A place for logs that goes away again, and can be opened anew as after a restart. */
export interface Place extends AsyncDisposable {
  folder: string;
  /** The folder of the one log that the tests write. */
  logFolder: string;
  logs: Logs;
  reopen(): Promise<Logs>;
}

export async function newPlace(options: Partial<LogsOptions> = {}): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), 'docker-builder-logs-'));
  const open = (): Logs => openLogs({ folder, delayMs: 2, lingerMs: 5, ...options });
  const place: Place = {
    folder,
    logFolder: path.join(folder, runId.slice(-2), runId),
    logs: open(),
    async reopen() {
      await place.logs.close();
      place.logs = open();
      return place.logs;
    },
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

export async function bytesOnDisk(folder: string): Promise<number> {
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

/** Waits until a condition holds; fails after a deadline. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
