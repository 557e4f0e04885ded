import type { KnownQueue, QueueTerms } from '../../words/queue.ts';
import type { QueueLoad } from '../contract/queues.ts';
import { integer, json, text } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import { limitable } from './lines.ts';

const all = statement('SELECT name, declared, made FROM known_queues ORDER BY name');
const one = statement('SELECT name, declared, made FROM known_queues WHERE name = $1');
const upsert = statement(`INSERT INTO known_queues (name, declared, made) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET declared = excluded.declared, made = excluded.made`);
const remove = statement('DELETE FROM known_queues WHERE name = $1');
// Child runs stand at places of their own: their parents have passed the queue.
const sums = 'SELECT queue, SUM(waiting) AS waiting, SUM(running) AS running FROM lines';
const ours = `place IN (${limitable})`;
const loads = statement(`${sums} WHERE ${ours} GROUP BY queue ORDER BY queue`);
const load = statement(`${sums} WHERE queue = $1 AND ${ours} GROUP BY queue`);

export async function knownQueues(sql: Sql): Promise<KnownQueue[]> {
  return (await sql.all(all, [])).map(queueOf);
}

export async function knownQueue(sql: Sql, name: string): Promise<KnownQueue | undefined> {
  const row = await sql.get(one, [name]);
  return row && queueOf(row);
}

/** A queue that nobody speaks for is forgotten. */
export async function noteQueue(sql: Sql, { name, declared, made }: KnownQueue): Promise<void> {
  if (declared || made) await sql.run(upsert, [name, JSON.stringify(declared), JSON.stringify(made)]);
  else await sql.run(remove, [name]);
}

/** How much there is in each queue that something ever stood in. */
export async function queueLoads(sql: Sql): Promise<QueueLoad[]> {
  return (await sql.all(loads, [])).map(loadOf);
}

export async function queueLoad(sql: Sql, name: string): Promise<QueueLoad | undefined> {
  const row = await sql.get(load, [name]);
  return row && loadOf(row);
}

function queueOf(row: Row): KnownQueue {
  return {
    name: text(row, 'name'),
    declared: json(row, 'declared') as QueueTerms | null,
    made: json(row, 'made') as QueueTerms | null,
  };
}

function loadOf(row: Row): QueueLoad {
  return {
    name: text(row, 'queue'),
    waiting: integer(row, 'waiting'),
    running: integer(row, 'running'),
  };
}
