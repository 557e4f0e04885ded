import type { Writable } from 'node:stream';
import type { LogText } from '../../words/logs.ts';

/**
 * Writes the text to a response or another stream, and waits for each chunk to be taken: an answer of any length
 * costs one chunk of memory. Does not end the stream. Rejects where the reader went away or the log was removed
 * meanwhile: the response must then be destroyed, its length was already promised.
 */
export async function sendText(text: Pick<LogText, 'chunks'>, to: Writable): Promise<void> {
  for await (const chunk of text.chunks()) await taken(to, chunk);
}

function taken(to: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the reader went away'));
    if (to.destroyed) return closed();
    to.once('close', closed);
    to.write(chunk, (error) => {
      to.off('close', closed);
      if (error) reject(error);
      else resolve();
    });
  });
}
