import { fileURLToPath } from 'node:url';
import { type Alarm, newAlarm } from '../../server/app/live/reader.ts';
import { type Logs } from '../../server/room/logs/logs.ts';
import { linesOf } from '../../server/room/logs/piece.ts';
import { openSharedLogs } from '../../server/room/logs/shared/logs.ts';
import { openPostgresStore } from '../../server/store/postgres.ts';
import { uuid7 } from '../../server/words/uuid7.ts';
import { startPostgres } from '../../test/fixtures/postgres.ts';
import { runProgram } from '../measure/program.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { percentile, short } from '../measure/statistics.ts';

const program = fileURLToPath(new URL('../logWriter.ts', import.meta.url));
const [builds, perSecond, seconds] = [8, 50, 10];

/** Eight builds of a worker that print 50 lines a second each; from there to those who follow them in another process. */
export async function logFollowPostgres(): Promise<Figure> {
  const postgres = await startPostgres({ durable: true });
  try {
    const store = await openPostgresStore(postgres.url);
    if (!store.shared) throw new Error('the store is not shared');
    const logs = openSharedLogs({ shared: store.shared });
    const runs = Array.from({ length: builds }, () => uuid7());
    const over = new AbortController();
    const following = Promise.all(runs.map((run) => delaysOf(logs, run, over.signal)));
    const wish = JSON.stringify({ url: postgres.url, runs, perSecond, seconds });
    const { lines, faults } = JSON.parse(await runProgram(process.execPath, [program, wish])) as {
      lines: number;
      faults: string[];
    };
    over.abort();
    const delays = (await following).flat();
    await logs.close();
    await store.close();
    const isWhole = delays.length === lines && faults.length === 0;
    const row = { value: percentile(delays, 99), unit: 'ms', reach: 300 };
    return atMost('log-follow-postgres', row, isWhole, {
      builds,
      lines_per_second: builds * perSecond,
      lines,
      lost: !isWhole,
      p50_ms: short(percentile(delays, 50), 0),
      max_ms: short(percentile(delays, 100), 0),
    });
  } finally {
    await postgres.close();
  }
}

/** How late each line came, in milliseconds, until nothing more comes after the end. */
async function delaysOf(logs: Logs, run: string, over: AbortSignal): Promise<number[]> {
  const delays: number[] = [];
  const alarm: Alarm = newAlarm();
  over.addEventListener('abort', () => alarm.wake());
  const follower = logs.follow(run, 1, () => alarm.wake());
  for (;;) {
    const isOver = over.aborted;
    const item = await follower.take();
    const at = performance.timeOrigin + performance.now();
    if (item?.kind === 'lines')
      for (const { text } of linesOf(item)) delays.push(at - Number(text.slice(0, 16)) / 1000);
    else if (isOver) break;
    else await alarm.sleep();
  }
  follower.close();
  return delays;
}
