import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const streams = z.enum(['stdout', 'stderr', 'system']);
export type Stream = z.infer<typeof streams>;

const frame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('lines'),
    first: z.number(),
    blocks: z.array(z.tuple([z.number(), streams, z.string()])),
  }),
  z.object({ type: z.literal('gap'), first: z.number(), last: z.number() }),
  z.object({ type: z.literal('end'), status: z.string() }),
]);

/** Prints one line of the log. */
export type Print = (stream: Stream, line: string) => void;

interface Position {
  next: number;
  ended: boolean;
}

/** Follows a job's log over the websocket to its end. A cut connection is taken up again at the next line. */
export async function follow(url: string, id: string, print: Print, signal: AbortSignal): Promise<void> {
  const position = { next: 1, ended: false };
  for (let tries = 0; !position.ended; tries += 1) {
    if (tries > 10)
      throw new Error('The log could not be followed: the server keeps closing the connection.');
    if (tries > 0) await sleep(300, undefined, { signal });
    await readOn(
      `${url.replace(/^http/, 'ws')}/jobs/${id}/tail?from=${position.next}`,
      position,
      print,
      signal,
    );
  }
}

/** Reads until the connection closes, for whatever reason. */
function readOn(url: string, position: Position, print: Print, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.addEventListener('message', ({ data }) => {
    try {
      take(String(data), position, print);
    } catch (error) {
      reject(error);
    }
  });
  socket.addEventListener('close', () => resolve());
  socket.addEventListener('error', () => resolve());
  return promise.finally(() => {
    signal.removeEventListener('abort', abort);
    socket.close();
  });
}

function take(text: string, position: Position, print: Print): void {
  const parsed = frame.safeParse(JSON.parse(text));
  // Frames of other types, such as steps, say nothing about the log.
  if (!parsed.success) return;
  const { data } = parsed;
  if (data.type === 'end') position.ended = true;
  else if (data.type === 'gap') position.next = data.last + 1;
  else position.next = data.first + printBlocks(data.blocks, print);
}

/** Gives the number of lines. */
function printBlocks(blocks: [number, Stream, string][], print: Print): number {
  const lines = blocks.flatMap(([, stream, block]) => {
    const texts = block.replace(/\n$/, '').split('\n');
    return texts.map((line) => ({ stream, line }));
  });
  for (const { stream, line } of lines) print(stream, line);
  return lines.length;
}
