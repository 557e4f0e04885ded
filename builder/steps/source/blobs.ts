import type { Readable } from 'node:stream';
import type { ArchiveRequest } from './archive.ts';
import { startGit } from './gitProcess.ts';

/** Reads blobs of a repository through one git process. */
export interface Blobs {
  /** Hands the bytes on piece by piece; one blob after the other, in the order they were asked for. */
  read(id: string, write: (piece: Buffer) => Promise<void> | undefined): Promise<void>;
  close(): void;
}

const longestHeader = 256;

/** Starts git with the first blob. A read that fails takes the process with it: the next ones fail too. */
export function openBlobs({
  environment,
  signal,
  faultOf,
}: Pick<ArchiveRequest, 'environment' | 'signal' | 'faultOf'>): Blobs {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let started: ReturnType<typeof start> | undefined;
  let last: Promise<void> = Promise.resolve();

  const start = () => {
    const git = startGit({ args: ['cat-file', '--batch'], environment, signal: both });
    return { git, bytes: byteReader(git.stdout) };
  };

  async function readOne(id: string, write: (piece: Buffer) => Promise<void> | undefined): Promise<void> {
    both.throwIfAborted();
    started ??= start();
    const { git, bytes } = started;
    git.stdin.write(`${id}\n`);
    const [, type, length] = (await bytes.line()).split(' ');
    if (type !== 'blob') throw await broken();
    for (let left = Number(length); left > 0;) {
      const piece = await bytes.upTo(left);
      if (!piece) throw await broken();
      left -= piece.length;
      const written = write(piece);
      if (written) await written;
    }
    // Each is followed by a line end.
    await bytes.upTo(1);
  }

  async function broken(): Promise<Error> {
    started?.git.stop();
    await started?.git.ended;
    both.throwIfAborted();
    return faultOf(-1, started?.git.stderr() ?? '');
  }

  return {
    read(id, write) {
      const done = last.then(() => readOne(id, write));
      last = done.catch((error: unknown) => stop.abort(error));
      return done;
    },
    close: () => stop.abort(new Error('closed')),
  };
}

function byteReader(stream: Readable) {
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const next = await chunks.next();
    if (next.done === true || !Buffer.isBuffer(next.value)) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  }

  /** At least one byte and at most so many; undefined at the end. */
  async function upTo(length: number): Promise<Buffer | undefined> {
    while (rest.length === 0) if (!(await more())) return undefined;
    const piece = rest.subarray(0, length);
    rest = rest.subarray(piece.length);
    return piece;
  }

  /** Without its end; "" at the end of the stream. */
  async function line(): Promise<string> {
    let end = rest.indexOf(10);
    while (end < 0 && rest.length < longestHeader && (await more())) end = rest.indexOf(10);
    if (end < 0) return '';
    const text = rest.toString('latin1', 0, end);
    rest = rest.subarray(end + 1);
    return text;
  }

  return { upTo, line };
}
