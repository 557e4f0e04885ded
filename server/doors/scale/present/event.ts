import type { Run, Trigger } from '../../../words/run.ts';
import { timeOf } from './times.ts';

export const eventTypes = ['USER', 'WEBHOOK', 'CLOCK', 'DEPENDENCY', 'REQUEUE'] as const;

const types: Record<Trigger, (typeof eventTypes)[number]> = {
  api: 'USER',
  cli: 'USER',
  webhook: 'WEBHOOK',
  cron: 'CLOCK',
  dependency: 'DEPENDENCY',
  retry: 'REQUEUE',
};

/** What made a run has no number of its own: it has the run's. */
export function eventBrief({ key }: Pick<Run, 'key'>): { id: number } {
  return { id: key };
}

export function eventDetail({ key, trigger, createdAt }: Pick<Run, 'key' | 'trigger' | 'createdAt'>): object {
  return { id: key, type: types[trigger], rule: null, occurred: timeOf(createdAt) };
}
