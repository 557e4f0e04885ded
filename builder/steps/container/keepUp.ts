import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { attach, cutTogether } from './attach.ts';
import type { ContainerRun } from './containerRun.ts';

/** How much a container may write before the engine's log of it has been read, in bytes. */
const aheadBytes = 512 * 1024;
/** The engine writes its log after it has handed on the output, and this much later at most, in milliseconds. */
const settledMs = 200;
/** A container that has closed its output, or whose connection has ended, is looked at this often, in milliseconds. */
const endedMs = 1_000;

export interface EngineLog {
  /** Reads all that there is. */
  readAll(): Promise<void>;
  /** Reads what is new: about so many lines. */
  readNew(lines: number): Promise<void>;
}

/**
 * Reads the engine's log of a running container until that has ended. To follow the log is no way: the engine skips what
 * it wrote while it changed its file, and the last lines. So a connection to the output itself tells that there is
 * something new; it is read no faster than the log, which makes the container wait, so that the log cannot lose any of it.
 */
export async function keepUp(run: ContainerRun, log: EngineLog): Promise<void> {
  const { engine } = run.deps;
  using cut = cutTogether(run.signal);
  const [output, exit] = await Promise.all([
    attach(run, cut.signal, { stdin: false }),
    engine.open({ method: 'POST', path: `/containers/${run.name}/wait`, signal: cut.signal }),
  ]);
  let isOver = false;
  const over = text(exit).then(() => (isOver = true));
  over.catch(() => undefined);
  const news = createNews(output);
  await log.readAll();
  for (let isLate = true; !isOver;) {
    await Promise.race([news.any(), over, ...news.timers(isLate)]);
    isLate = news.lines > 0;
    await log.readNew(news.take());
  }
  await log.readNew(news.take());
}

/** What a connection tells, as a number of lines; it is not read on where too much of it has not been taken. */
function createNews(output: Duplex) {
  let lines = 0;
  let bytes = 0;
  let isEnded = false;
  let wake = Promise.withResolvers<void>();

  output.on('data', (chunk: Buffer) => {
    lines += lineEndsIn(chunk);
    bytes += chunk.length;
    if (bytes >= aheadBytes) output.pause();
    wake.resolve();
  });
  output.on('close', () => (isEnded = true));

  return {
    get lines() {
      return lines;
    },
    any: () => wake.promise,
    timers(isLate: boolean): Promise<void>[] {
      if (isLate) return [pause(settledMs, undefined, { ref: false })];
      return isEnded ? [pause(endedMs, undefined, { ref: false })] : [];
    },
    take(): number {
      const taken = lines;
      lines = 0;
      bytes = 0;
      wake = Promise.withResolvers();
      output.resume();
      return taken;
    },
  };
}

function lineEndsIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++;
  return count;
}
