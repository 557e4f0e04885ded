import type { LogStream } from '../../builder/model/log.ts';

/** One line of a run's log. */
export interface LogLine {
  /** From 1, across all attempts of the run. */
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  stream: LogStream;
  text: string;
}

/** Neighbouring lines that came from one stream in one millisecond; each line of the text is ended by "\n". */
export type LogBlock = readonly [at: number, stream: LogStream, text: string];

/** Lines of the middle of a log that were removed because the log passed its limit. */
export interface LogGap {
  kind: 'gap';
  first: number;
  last: number;
}

/** Lines `first` to `last` of a log as plain text, each ended by "\n"; `first` > `last` where there are none. */
export interface LogText {
  first: number;
  last: number;
  /** Length of the whole text, known before any of it is read. */
  bytes: number;
  /** The text in order. A chunk may be overwritten as soon as the next one is asked for. */
  chunks(): AsyncIterable<Buffer>;
}

/** The sentence that stands for a gap where a log is served as text. */
export function gapLine(gap: LogGap): string {
  return `… ${gap.last - gap.first + 1} lines left out …\n`;
}
