import { readFileSync } from 'node:fs';
import { openSharedLogs } from '../server/room/logs/shared/logs.ts';
import { openPostgresStore } from '../server/store/postgres.ts';

/**
 * Writes a text into logs in a database, again and again as fast as it is stored, as the builds of a worker do, and prints what
 * it came to, as JSON:
 *   node bench/logWriter.ts '{"url": "postgres://…", "runs": ["<id>", …], "text": "<file>", "megabytes": 300}'
 */
interface Wish {
  url: string;
  runs: string[];
  text: string;
  megabytes: number;
}

const wish = JSON.parse(process.argv[2] ?? '{}') as Wish;
const blockBytes = 16 * 1024;

const store = await openPostgresStore(wish.url);
if (!store.shared) throw new Error('the store is not shared');
const logs = openSharedLogs({ shared: store.shared });
const writers = await Promise.all(wish.runs.map((run) => logs.write(run)));
const printed = await printAll(readFileSync(wish.text));
await logs.close();
await store.close();
const faults = writers.flatMap(({ fault }) => (fault ? [fault.message] : []));
const { maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ ...printed, faults, peakMb: Math.round((maxRSS * 1024) / 1e6) }));

async function printAll(text: Buffer): Promise<object> {
  const each = (wish.megabytes * 1e6) / writers.length;
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let bytes = 0;
  await Promise.all(
    writers.map(async (writer, at) => {
      for (let [own, start] = [0, lineFrom(text, at * 100_000)]; own < each;) {
        const next = lineFrom(text, start + blockBytes);
        // Decoded block by block, as what comes from a socket is.
        writer.append('stdout', text.toString('utf8', start, next));
        own += next - start;
        bytes += next - start;
        start = next === text.length ? 0 : next;
        // Others have their turn in between.
        await (writer.congested ?? new Promise((resolve) => setImmediate(resolve)));
      }
      await writer.end();
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { bytes, seconds, cpuSeconds: (user + system) / 1e6 };
}

/** Where the first line begins behind a place. */
function lineFrom(text: Buffer, place: number): number {
  const end = text.indexOf('\n', Math.min(place, text.length - 1)) + 1;
  return end === 0 ? text.length : end;
}
