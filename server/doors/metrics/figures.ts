import type { SeenEngine, SeenMember } from '../../room/members/fleet.ts';
import type { Room } from '../../room/room.ts';
import type { AttemptEnds, QueueFigures } from '../../store/contract/figures.ts';

/** What the store tells, and all who share it. */
export interface Figures {
  runs: Readonly<Record<string, number>>;
  queues: readonly QueueFigures[];
  ends: readonly AttemptEnds[];
  members: readonly SeenMember[];
  engines: readonly SeenEngine[];
  /** Undefined until it was measured. */
  logBytes: number | undefined;
}

/** Whoever asks more often than that gets what others got; and after so long nobody waits any more, in milliseconds. */
const [freshMs, patienceMs] = [1000, 3000];
const logBytesMs = 60_000;

/** Asks for the figures once for all who ask at about the same time; undefined where the store does not answer. */
export function createFigures(room: Room): () => Promise<Figures | undefined> {
  const logBytes = measuring(room);
  let asked: { figures: Promise<Figures>; at: number } | undefined;

  async function ask(): Promise<Figures> {
    const { read } = room.store;
    const [runs, queues, ends, members, engines] = await Promise.all([
      read.runCounts(undefined),
      read.queueFigures(),
      read.attemptEnds(),
      room.fleet.members(),
      room.fleet.engines(),
    ]);
    return { runs, queues, ends, members, engines, logBytes: logBytes() };
  }

  return async () => {
    if (!asked || performance.now() - asked.at > freshMs) asked = { figures: ask(), at: performance.now() };
    const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, patienceMs, undefined);
    const figures = await Promise.race([asked.figures.catch(() => undefined), tooLate]);
    clearTimeout(timer);
    return figures;
  };
}

/** Nobody waits for it: the first time it looks at every log. */
function measuring({ logs }: Room): () => number | undefined {
  let known: number | undefined;
  let measuredAt = -Infinity;
  return () => {
    if (performance.now() - measuredAt > logBytesMs) {
      measuredAt = performance.now();
      logs.totalSize().then(
        (bytes) => (known = bytes),
        () => undefined,
      );
    }
    return known;
  };
}
