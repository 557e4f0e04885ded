import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Seen } from './measure/readersSaw.ts';
import { percentile } from './measure/statistics.ts';

/**
 * Follows logs over many websockets each until their ends and prints what the readers saw, as JSON:
 *   node bench/readers.ts '{"urls": ["ws://…/jobs/<id>/tail?from=1", …], "readers": 100, "parsed": 3}'
 * Only some of the readers of each look into what they get, so that the client is not what is measured.
 */
interface Wish {
  urls: string[];
  readers: number;
  parsed: number;
}

interface Lines {
  type: string;
  first: number;
  blocks: [at: number, stream: string, text: string][];
}

const { urls, readers, parsed } = JSON.parse(process.argv[2] ?? '{}') as Wish;
const delays: number[] = [];
const counts: number[] = [];
let bytes = 0;

const ends = urls.flatMap((url) =>
  Array.from({ length: readers }, (_, index) => (index < parsed ? readClosely(url) : readOnly(url))),
);
const codes = await Promise.all(ends);
const summary: Seen = {
  p50: percentile(delays, 50),
  p99: percentile(delays, 99),
  max: percentile(delays, 100),
  counts,
  megabytes: Math.round(bytes / 1e6),
  torn: codes.filter((code) => code !== 1000).length,
};
console.log(JSON.stringify(summary));

async function readOnly(url: string): Promise<number> {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  socket.on('message', (data: Buffer) => (bytes += data.length));
  return closed(socket);
}

async function readClosely(url: string): Promise<number> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let next = 1;
  let seen = 0;
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
    const at = performance.timeOrigin + performance.now();
    const message = JSON.parse(data.toString('utf8')) as Lines;
    if (message.type !== 'lines') return;
    if (message.first !== next) throw new Error(`line ${message.first} came where ${next} should`);
    for (const [, , text] of message.blocks) {
      const lines = text.split('\n').slice(0, -1);
      next += lines.length;
      for (const line of lines) {
        const printedAt = /^(\d{16}) /.exec(line)?.[1];
        if (printedAt === undefined) continue;
        seen++;
        delays.push(at - Number(printedAt) / 1000);
      }
    }
  });
  const code = await closed(socket);
  counts.push(seen);
  return code;
}

async function closed(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}
