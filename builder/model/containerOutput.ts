import type { SeenLines } from './container.ts';
import { createFrameReader, type OutputStream } from './frames.ts';
import { isJson } from './json.ts';
import type { LogSink } from './log.ts';
import { createLines, outputReader, type OutputReader } from './outputReader.ts';
import { replayReader, type ReplayReader } from './replayReader.ts';

/** The output of one container on its way to a log, over as many connections as it takes. */
export interface ContainerOutput {
  /** A reader of all that a container writes from its start on. */
  live(): OutputReader;
  /** A reader of what the engine keeps of the output, from its beginning; what is in the log by now is left out. */
  replay(): ReplayReader;
  /**
   * The last line of stdout where it is JSON, else the last one that is an object or a list; undefined where there was
   * none, or nobody asked for it.
   */
  readonly lastJson: string | undefined;
}

export interface ContainerOutputOptions {
  /** What a predecessor put into the log. */
  seen: SeenLines;
  keepLastJson: boolean;
  /** Whether an engine may have lost the beginning of such an output. */
  mayBeLost: (seen: SeenLines) => boolean;
}

/** How far the clocks of an engine and of this server may be apart, in milliseconds. */
const clocksApartMs = 2_000;

/** Lines that an earlier reader left unfinished are forgotten: the next one gives them out whole. */
export function createContainerOutput(
  log: Pick<LogSink, 'append'>,
  { seen: before, keepLastJson, mayBeLost }: ContainerOutputOptions,
): ContainerOutput {
  const seen = { ...before };
  let last = '';
  let lastWhole: string | undefined;

  function give(stream: OutputStream, block: string, count: number): void {
    seen[stream] += count;
    seen.bytes += Buffer.byteLength(block);
    seen.newestAt = Date.now();
    seen.oldestAt ??= seen.newestAt;
    log.append(stream, block);
  }

  const sayLost = (): void =>
    log.append('system', 'the engine no longer has all of the output: lines are missing here, or twice\n');

  // Each stream has its own lines, so that none is cut by what the other says, and their numbers are the same each time.
  const linesOf = (stream: OutputStream, skip: Record<OutputStream, number>) =>
    createLines(stream, (block) => {
      if (keepLastJson && stream === 'stdout') {
        last = lastLine(block, isFilled) ?? last;
        lastWhole = lastLine(block, isWhole) ?? lastWhole;
      }
      const count = countLines(block);
      const dropped = Math.min(skip[stream], count);
      skip[stream] -= dropped;
      if (dropped < count)
        give(stream, dropped === 0 ? block : withoutLines(block, dropped), count - dropped);
    });

  return {
    live() {
      const skip = { stdout: 0, stderr: 0 };
      const lines = { stdout: linesOf('stdout', skip), stderr: linesOf('stderr', skip) };
      return outputReader(lines, (onPiece) => createFrameReader({ onPiece }));
    },
    replay() {
      const skip = { stdout: seen.stdout, stderr: seen.stderr };
      const lines = { stdout: linesOf('stdout', skip), stderr: linesOf('stderr', skip) };
      const newestHad = (first: string): string => {
        if (!isLost(seen, first, mayBeLost)) return '';
        sayLost();
        Object.assign(skip, { stdout: 0, stderr: 0 });
        return stampOf(seen.newestAt ?? 0);
      };
      return replayReader(lines, { newestHad, sayLost });
    },
    get lastJson() {
      return isJson(last) ? last : lastWhole;
    },
  };
}

/** Whether what begins with an entry of this time is not the output's beginning. */
function isLost(seen: SeenLines, firstTime: string, mayBeLost: (seen: SeenLines) => boolean): boolean {
  const { newestAt, oldestAt = newestAt } = seen;
  if (oldestAt === undefined) return false;
  return mayBeLost(seen) || Date.parse(firstTime) > oldestAt + clocksApartMs;
}

/** The last time within a millisecond, as the engine writes it. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '999999Z');
}

function countLines(block: string): number {
  let count = 0;
  for (let at = block.indexOf('\n'); at >= 0; at = block.indexOf('\n', at + 1)) count++;
  return count;
}

function withoutLines(block: string, count: number): string {
  let from = 0;
  for (let dropped = 0; dropped < count; dropped++) from = block.indexOf('\n', from) + 1;
  return block.slice(from);
}

function lastLine(block: string, isWanted: (line: string) => boolean): string | undefined {
  for (let end = block.length - 1; end > 0;) {
    const start = block.lastIndexOf('\n', end - 1) + 1;
    const line = block.slice(start, end).trim();
    if (isWanted(line)) return line;
    end = start - 1;
  }
  return undefined;
}

function isFilled(line: string): boolean {
  return line !== '';
}

/** Looks at both ends first: a log may have millions of lines. */
function isWhole(line: string): boolean {
  const ends = `${line[0] ?? ''}${line.at(-1) ?? ''}`;
  return (ends === '{}' || ends === '[]') && isJson(line);
}
