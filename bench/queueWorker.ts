import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { graphile } from './measure/queues/graphile.ts';
import { ours } from './measure/queues/ours.ts';
import { pgBoss } from './measure/queues/pgBoss.ts';
import type { Queue } from './measure/queues/queue.ts';

/**
 * One worker process of a queue, forked with its name, the address of its database and wishes as JSON. It works at once, says
 * that it is warm, is told for how many milliseconds to count, and answers how many jobs were done a second.
 */
export const queues: Readonly<Record<string, Queue>> = { ours, pgBoss, graphile };

const warmUpMs = 700;

async function work(name = '', url = '', wishes = '{}'): Promise<void> {
  const queue = queues[name];
  if (!queue) throw new Error(`no queue is called ${name}`);
  let done = 0;
  const working = await queue.start(url, JSON.parse(wishes) as object, () => done++);
  await pause(warmUpMs);
  process.send?.('warm');
  const [milliseconds] = (await once(process, 'message')) as [number];
  const [before, startedAt] = [done, performance.now()];
  await pause(milliseconds);
  process.send?.(((done - before) * 1000) / (performance.now() - startedAt));
  await once(process, 'message');
  await working.stop();
  process.disconnect();
}

if (process.send) await work(...process.argv.slice(2));
