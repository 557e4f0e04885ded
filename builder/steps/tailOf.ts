import type { Readable } from 'node:stream';

const keptCharacters = 8192;

/** Reads a stream to its end; gives the last of its text so far. */
export function tailOf(stream: Readable): () => string {
  let tail = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-keptCharacters);
  });
  return () => tail;
}
