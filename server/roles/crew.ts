import type { Heartbeat } from '../room/members/heartbeat.ts';
import type { Notifier } from '../room/notify/notifier.ts';
import type { Scheduler } from '../room/schedule/scheduler.ts';
import type { Worker } from '../room/worker.ts';

/** Who works in the room, as soon as they do: they need it, and it wakes them. */
export interface Crew {
  worker: { current?: Worker };
  scheduler: { current?: Scheduler };
  notifier: { current?: Notifier };
  heartbeat: { current?: Heartbeat };
}

export function newCrew(): Crew {
  return { worker: {}, scheduler: {}, notifier: {}, heartbeat: {} };
}
