import { places } from '../../words/run.ts';
import { integer, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const lanes = statement(`UPDATE lines SET free =
    CASE WHEN $3 > (SELECT SUM(others.running) FROM lines others WHERE others.job_id = $1 AND others.lane = $2)
      THEN 1 ELSE 0 END
  WHERE job_id = $1 AND lane = $2`);

// Of the queues of a job after one, in their order, the first that it has a free line in; of that the first line.
const nextFree = statement(`SELECT key, queue FROM lines
  WHERE job_id = $1 AND limited = 1 AND free = 1 AND turn IS NOT NULL AND queue > $2
  ORDER BY queue, turn, key LIMIT 1`);
const fronts = statement('SELECT key, queue FROM lines WHERE job_id = $1 AND limited = 1 AND front = 1');
const setFront = statement('UPDATE lines SET front = $2, open = $2 WHERE key = $1');

const firstFront = statement(`SELECT key FROM lines
  WHERE queue = $1 AND place = $2 AND limited = 1 AND front = 1 AND turn IS NOT NULL ORDER BY turn, key LIMIT 1`);
const openOnes = statement('SELECT key FROM lines WHERE queue = $1 AND limited = 1 AND open = 1');
const setOpen = statement('UPDATE lines SET open = $2 WHERE key = $1');

/** Opens or closes the lines of one concurrency key. */
export async function freeLane(sql: Sql, jobId: string, lane: string, maxRunning: number): Promise<void> {
  await sql.run(lanes, [jobId, lane, maxRunning]);
}

/**
 * Lets the first free line of a job in each of its queues go, or none where the job's gate is closed. Gives the queues
 * in which that changed anything.
 */
export async function setFronts(sql: Sql, jobId: string, isOpen: boolean): Promise<Set<string>> {
  const now = await frontsOf(sql, jobId);
  const wanted = isOpen ? await firstFreeLines(sql, jobId) : new Map<number, string>();
  const changed = new Set<string>();
  for (const [key, queue] of now) {
    if (wanted.has(key)) continue;
    await sql.run(setFront, [key, 0]);
    changed.add(queue);
  }
  for (const [key, queue] of wanted) {
    if (now.has(key)) continue;
    await sql.run(setFront, [key, 1]);
    changed.add(queue);
  }
  return changed;
}

/** The lines of a job that it lets go, and the queue of each. */
export async function frontsOf(sql: Sql, jobId: string): Promise<Map<number, string>> {
  const rows = await sql.all(fronts, [jobId]);
  return new Map(rows.map((row) => [integer(row, 'key'), text(row, 'queue')]));
}

async function firstFreeLines(sql: Sql, jobId: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (let queue = ''; ;) {
    const row = await sql.get(nextFree, [jobId, queue]);
    if (!row) return found;
    queue = text(row, 'queue');
    found.set(integer(row, 'key'), queue);
  }
}

/** Opens, of the lines that their jobs let go in a queue, the first one of each place, or none. */
export async function openFirst(sql: Sql, queue: string, isOpen: boolean): Promise<void> {
  const now = new Set((await sql.all(openOnes, [queue])).map((row) => integer(row, 'key')));
  const wanted = new Set(isOpen ? await firstFronts(sql, queue) : []);
  for (const key of now.difference(wanted)) await sql.run(setOpen, [key, 0]);
  for (const key of wanted.difference(now)) await sql.run(setOpen, [key, 1]);
}

async function firstFronts(sql: Sql, queue: string): Promise<number[]> {
  const rows = [];
  for (const place of places) rows.push(...(await sql.all(firstFront, [queue, place])));
  return rows.map((row) => integer(row, 'key'));
}
