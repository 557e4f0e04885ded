import type { AttemptEnds, FigureReads, QueueFigures } from './contract/figures.ts';
import { courseOf } from './course.ts';
import type { Sql } from './sql.ts';
import { endedCourses, oldestIn, oldestWaiting } from './statements/figures.ts';
import { queueLoads } from './statements/knownQueues.ts';

export function figureReads(sql: Sql): FigureReads {
  return { queueFigures: () => queueFigures(sql), attemptEnds: () => attemptEnds(sql) };
}

async function queueFigures(sql: Sql): Promise<QueueFigures[]> {
  const [loads, oldest] = await Promise.all([queueLoads(sql), oldestWaiting(sql)]);
  return Promise.all(
    loads.map(async ({ name, waiting, running }) => {
      const known = waiting === 0 ? null : oldest.get(name);
      const oldestQueuedAt = known === undefined ? await oldestIn(sql, name) : known;
      return { name, waiting, running, oldestQueuedAt };
    }),
  );
}

async function attemptEnds(sql: Sql): Promise<AttemptEnds[]> {
  const ends = new Map<string, AttemptEnds>();
  for (const { course, attempts } of await endedCourses(sql)) {
    const { state, reason } = courseOf(course);
    if (state === 'queued' || state === 'running' || attempts === 0) continue;
    const name = `${state} ${reason}`;
    ends.set(name, { state, reason, attempts: attempts + (ends.get(name)?.attempts ?? 0) });
  }
  return [...ends.values()];
}
