import type { Notification } from '../../store/contract/outbox.ts';
import { startPump } from '../pump.ts';
import type { Room } from '../room.ts';
import { deliver } from './deliver.ts';
import { lazyPost } from './lazyPost.ts';

export interface Notifier {
  wake(): void;
  /** Another process told of something that may be to deliver. */
  hint(): void;
  /** Takes nothing more; what is under way has `graceMs`, then it is left for whoever comes next. */
  stop(graceMs: number): Promise<void>;
}

export interface NotifierOptions {
  /** Longest time of one try, in milliseconds. */
  timeoutMs?: number;
  /** Between two looks at the outbox when nobody woke the notifier, in milliseconds. */
  pollMs?: number;
}

interface UnderWay {
  origin: string;
  done: Promise<void>;
}

const usualTimeoutMs = 15_000;
const usualPollMs = 1000;
/** How long after its timeout a try that was not recorded is taken for lost, in milliseconds. */
const marginMs = 10_000;
const places = 32;
const perOrigin = 4;

/** Delivers what stands in the outbox, as soon as it is due, each at least once. */
export function startNotifier(
  room: Room,
  { timeoutMs = usualTimeoutMs, pollMs = usualPollMs }: NotifierOptions = {},
): Notifier {
  const post = lazyPost(room.policy().allowPrivate, perOrigin);
  const underWay = new Map<string, UnderWay>();
  const stopping = new AbortController();
  const pump = startPump(room.report, takeWhileFree, {
    complaint: 'the outbox could not be read; it is tried again',
    pauseMs: untilDue,
    ...(room.store.shared && { peek: isDue }),
  });

  async function takeWhileFree(): Promise<boolean> {
    const free = places - underWay.size;
    if (free <= 0) return false;
    const now = room.now();
    const limits = { free, perOrigin, underWay: counted(underWay) };
    const untilAt = now + timeoutMs + marginMs;
    const taken = await room.store.write((tx) => tx.takeDueNotifications(now, untilAt, limits));
    for (const one of taken) if (!underWay.has(one.id)) begin(one);
    // What is due by now waits for a place, and whoever leaves one looks again.
    return false;
  }

  async function untilDue(): Promise<number> {
    const now = room.now();
    const next = await room.store.read.nextNotificationAt(now);
    return next === undefined ? pollMs : Math.min(pollMs, next - now);
  }

  /** Where processes share the store, to take nothing holds up the writes of all of them. */
  async function isDue(): Promise<boolean> {
    const next = underWay.size < places ? await room.store.read.nextNotificationAt(0) : undefined;
    return next !== undefined && next <= room.now();
  }

  function begin(one: Notification): void {
    const done = deliver(room, post, one, timeoutMs, stopping.signal)
      .catch((error: unknown) =>
        room.report.error(
          { error, notification: one.id },
          'a delivery could not be recorded; it comes again',
        ),
      )
      .finally(() => {
        underWay.delete(one.id);
        pump.wake();
      });
    underWay.set(one.id, { origin: URL.parse(one.url)?.origin ?? 'null', done });
  }

  pump.wake();
  return {
    wake: () => pump.wake(),
    hint: () => pump.hint(),
    async stop(graceMs) {
      await pump.stop();
      const grace = setTimeout(() => stopping.abort(), graceMs);
      await Promise.all([...underWay.values()].map(({ done }) => done));
      clearTimeout(grace);
      await post.close();
    },
  };
}

function counted(underWay: ReadonlyMap<string, UnderWay>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { origin } of underWay.values()) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  return counts;
}
