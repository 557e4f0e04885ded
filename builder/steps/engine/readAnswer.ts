import { addAbortListener } from 'node:events';
import type { Readable } from 'node:stream';
import type { LogSink } from '../../model/log.ts';

/**
 * Feeds the engine's answer to the decoder until its clean end. While the log is behind nothing is read, which
 * stops the step that writes instead of filling the memory. Rejects where the connection breaks.
 */
export async function readAnswer(
  answer: Readable,
  stream: { write(chunk: Buffer): void },
  log: LogSink,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of answer) {
    stream.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
    if (log.congested && !signal.aborted) await untilAborted(log.congested, signal);
  }
}

async function untilAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  using _listener = addAbortListener(signal, () => resolve());
  await Promise.race([wait, aborted]);
}
