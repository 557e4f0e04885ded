import { isTerminal } from '../../words/run.ts';
import { every } from '../every.ts';
import type { Room } from '../room.ts';
import { collectUnasked, isOverBudget } from './collect.ts';

const hourMs = 3_600_000;
/** After a build: what else ends meanwhile is looked at together. */
const soonMs = 2_000;
const pauseMs = 10_000;

/** Cleans up once an hour, and after a build that took the data folder or an engine above its budget. */
export function watchBudgets(room: Room): () => void {
  let timer: NodeJS.Timeout | undefined;
  let lookedAt = -Infinity;
  const stopChore = every(hourMs, 'cleaning up', room.report, () => collectUnasked(room));
  const stopListening = room.events.onOwnRun(({ state, kind }) => {
    if (!isTerminal(state) || kind === 'http' || timer !== undefined) return;
    const waitMs = Math.max(soonMs, lookedAt + pauseMs - performance.now());
    timer = setTimeout(() => void look(), waitMs).unref();
  });

  async function look(): Promise<void> {
    timer = undefined;
    lookedAt = performance.now();
    try {
      if (await isOverBudget(room)) await collectUnasked(room);
    } catch (error) {
      room.report.warn({ error }, 'nobody could see whether a budget is passed; the next build tells again');
    }
  }

  return () => {
    stopChore();
    stopListening();
    clearTimeout(timer);
  };
}
