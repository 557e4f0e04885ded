import type { LogSink } from './log.ts';

/** A log of which every line says what it is about, where several write side by side. */
export function prefixedLog(log: LogSink, prefix: string): LogSink {
  const lineStart = /^(?=[\s\S])/gm;
  return {
    append: (stream, block) =>
      log.append(
        stream,
        block.replaceAll(lineStart, () => prefix),
      ),
    get congested() {
      return log.congested;
    },
  };
}
