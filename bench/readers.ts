import { once } from 'node:events';
import { WebSocket } from 'ws';
import { percentile } from './measure/statistics.ts';

/**
 * Follows one log over many websockets until its end and prints what the readers saw, as JSON:
 *   node bench/readers.ts '{"url": "ws://…/jobs/<id>/tail?from=1", "readers": 100, "parsed": 3}'
 * Only some of the readers look into what they get, so that the client is not what is measured.
 */
interface Wish {
  url: string;
  readers: number;
  parsed: number;
}

interface Lines {
  type: string;
  first: number;
  blocks: [at: number, stream: string, text: string][];
}

const { url, readers, parsed } = JSON.parse(process.argv[2] ?? '{}') as Wish;
const delays: number[] = [];
const counts: number[] = [];
let bytes = 0;

const ends = Array.from({ length: readers }, (_, index) => (index < parsed ? readClosely() : readOnly()));
const codes = await Promise.all(ends);
console.log(
  JSON.stringify({
    p50: percentile(delays, 50),
    p99: percentile(delays, 99),
    max: percentile(delays, 100),
    counts,
    megabytes: Math.round(bytes / 1e6),
    torn: codes.filter((code) => code !== 1000).length,
  }),
);

async function readOnly(): Promise<number> {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  socket.on('message', (data: Buffer) => (bytes += data.length));
  return closed(socket);
}

async function readClosely(): Promise<number> {
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
