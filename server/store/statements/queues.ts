import type { QueueFacts } from '../../words/gate.ts';
import type { Queue } from '../contract/lines.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

const all = statement('SELECT name, paused, max_running FROM queues ORDER BY name');
const facts = statement(`SELECT paused, max_running, (
    SELECT SUM(running) FROM lines WHERE queue = $1 AND limited = 1 AND running > 0) AS running
  FROM queues WHERE name = $1`);
const upsert = statement(`INSERT INTO queues (name, paused, max_running) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET paused = excluded.paused, max_running = excluded.max_running`);
const remove = statement('DELETE FROM queues WHERE name = $1');
const jobs = statement('SELECT DISTINCT job_id FROM lines WHERE queue = $1');

export async function allQueues(sql: Sql): Promise<Queue[]> {
  return (await sql.all(all, [])).map(queueOf);
}

/** Undefined where the queue is not set. */
export async function queueFacts(sql: Sql, name: string): Promise<QueueFacts | undefined> {
  const row = await sql.get(facts, [name]);
  if (!row) return undefined;
  return {
    paused: integer(row, 'paused') === 1,
    maxRunning: integerOrNull(row, 'max_running'),
    running: integerOrNull(row, 'running') ?? 0,
  };
}

/** A queue that holds nothing back is not kept. */
export async function storeQueue(sql: Sql, { name, paused, maxRunning }: Queue): Promise<void> {
  if (paused || maxRunning !== null) await sql.run(upsert, [name, Number(paused), maxRunning]);
  else await sql.run(remove, [name]);
}

/** The ids of the jobs that have a line in a queue. */
export async function jobsOfQueue(sql: Sql, name: string): Promise<string[]> {
  return (await sql.all(jobs, [name])).map((row) => text(row, 'job_id'));
}

function queueOf(row: Row): Queue {
  return {
    name: text(row, 'name'),
    paused: integer(row, 'paused') === 1,
    maxRunning: integerOrNull(row, 'max_running'),
  };
}
