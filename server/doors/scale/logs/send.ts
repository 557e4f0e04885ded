import type { Response } from 'express';
import { sendText } from '../../../room/logs/sendText.ts';

/** Sends an answer of any length, a piece at a time. */
export async function sendChunks(response: Response, chunks: AsyncIterable<string>): Promise<void> {
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await sendText({ chunks: () => asBytes(chunks) }, response);
    response.end();
  } catch {
    // It has begun: a torn answer must not look whole.
    response.destroy();
  }
}

async function* asBytes(chunks: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) if (chunk !== '') yield Buffer.from(chunk);
}
