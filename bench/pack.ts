import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-fs';
import { findContext } from '../builder/steps/contextFiles.ts';
import { packContext } from '../builder/steps/context.ts';
import { createSources } from '../builder/steps/source/sources.ts';
import { cpuSeconds, cpuSecondsOfChildren } from './measure/process.ts';

/**
 * Packs a build context into nothing, and prints the milliseconds of processor time that it took, those of git with it,
 * and the bytes that came out, as JSON:
 *   node bench/pack.ts archive '{"url": "http://…/large.git", "folder": "<for the mirror>"}'
 *   node bench/pack.ts tar-fs '{"folder": "<a checkout>"}'
 * A process of its own, because only the kernel knows what the processes used that it started. The first pack warms up.
 */
interface Wish {
  folder: string;
  url?: string;
}

const [way = '', wish = '{}'] = process.argv.slice(2);
const { folder, url = '' } = JSON.parse(wish) as Wish;
console.log(JSON.stringify(way === 'archive' ? await packArchive() : await packFolder()));

async function packFolder(): Promise<object> {
  const pass = () => Readable.from(pack(folder));
  await discard(pass());
  return measured(pass);
}

/** As a build does it, from a mirror that has the commit. */
async function packArchive(): Promise<object> {
  const { host } = new URL(url);
  const sources = createSources({ folder, allowed: () => [{ scheme: 'http', host }] });
  const { signal } = new AbortController();
  const log = { append() {}, congested: undefined };
  const tree = await sources.open(
    { kind: 'git', url, ref: 'main' },
    { log, signal, timeoutMs: 60_000, mark: 'bench' },
  );
  const found = await findContext(tree, { folder: '', dockerfile: 'Dockerfile' });
  const pass = () => packContext(tree, { found, maxBytes: 1e9, maxEntries: 1e6, signal });
  await discard(pass());
  const result = await measured(pass);
  await tree.close();
  await sources.close();
  return result;
}

async function measured(pass: () => Readable): Promise<object> {
  const before = cpuSeconds(process) + cpuSecondsOfChildren(process);
  const bytes = await discard(pass());
  return { ms: (cpuSeconds(process) + cpuSecondsOfChildren(process) - before) * 1000, bytes };
}

async function discard(tar: Readable): Promise<number> {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  await pipeline(tar, sink);
  return bytes;
}
