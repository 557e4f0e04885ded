import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

export interface Listed {
  name: string;
  type: string;
  linkName: string;
  mode: number;
  uid: number;
  owner: string;
  content: string;
}

/** The entries of a tar, in the order of their names. */
export async function listTar(tar: Readable): Promise<Listed[]> {
  const listed: Listed[] = [];
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    });
    stream.on('end', () => {
      listed.push({
        name: header.name.replace(/\/$/, ''),
        type: header.type ?? '',
        linkName: header.linkname ?? '',
        mode: header.mode ?? 0,
        uid: header.uid ?? 0,
        owner: `${header.uname}:${header.gname}`,
        content: Buffer.concat(chunks).toString(),
      });
      next();
    });
  });
  await pipeline(tar, reader);
  return listed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
