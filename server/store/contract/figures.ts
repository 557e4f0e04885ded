import type { AttemptState } from '../../words/run.ts';
import type { QueueLoad } from './queues.ts';

export interface QueueFigures extends QueueLoad {
  /** When the attempt was queued that has waited longest; null where none waits. */
  oldestQueuedAt: number | null;
}

/** How many attempts ended so, those included whose runs were removed since. Child runs are left out. */
export interface AttemptEnds {
  state: AttemptState;
  reason: string | null;
  attempts: number;
}

/** What whoever watches the server wants to know; none of it costs more the more runs there were. */
export interface FigureReads {
  /** Of every queue that something ever stood in. */
  queueFigures(): Promise<QueueFigures[]>;
  attemptEnds(): Promise<AttemptEnds[]>;
}
