/** Where a line of a log came from: the step's own output, or the build server speaking about the build. */
export type LogStream = 'stdout' | 'stderr' | 'system';

/**
 * Takes the output of a build. A block is one or more whole lines, each ended by "\n": the unit in which lines
 * travel from the engine to the disk and to the readers, because a call per line is what makes logs slow.
 */
export interface LogSink {
  append(stream: LogStream, block: string): void;
  /** Set while the sink is behind: a producer awaits it before it reads more, so that memory stays bounded. */
  readonly congested: Promise<void> | undefined;
}
