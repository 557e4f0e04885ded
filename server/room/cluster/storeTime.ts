import type { BuildEvent } from '../../../builder/model/spec.ts';
import type { Room } from '../room.ts';

/** Puts times of this machine's clock, which builders tell in, into those of the store. */
export type ToStoreTime = (event: BuildEvent) => BuildEvent;

/** Clocks that are apart by less, in milliseconds, are not known to be. */
const noticedMs = 100;

export function toStoreTime({ store, now }: Pick<Room, 'store' | 'now'>): ToStoreTime {
  const apartMs = store.shared ? now() - Date.now() : 0;
  if (Math.abs(apartMs) < noticedMs) return (event) => event;
  return (event) => {
    if ('at' in event) return { ...event, at: event.at + apartMs };
    if ('step' in event)
      return { ...event, step: { ...event.step, startedAt: event.step.startedAt + apartMs } };
    return event;
  };
}
