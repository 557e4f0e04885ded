import { expect } from 'chai';
import fc from 'fast-check';
import type { Claimed } from '../../../server/room/claim.ts';
import { safeUntil } from '../../../server/room/lease.ts';
import { createReaper, type Reaper } from '../../../server/room/recover.ts';
import type { Room } from '../../../server/room/room.ts';
import type { Reads, Store } from '../../../server/store/store.ts';
import { isTerminal } from '../../../server/words/run.ts';
import { StoreUnavailable } from '../../../server/words/storeUnavailable.ts';
import { openWorkshop, type Workshop } from '../scheduler/workshop.ts';
import { storeKinds, type TemporaryStore, temporaryStore } from '../store/temporaryStore.ts';

const leaseMs = 60_000;
/** Time goes on by this much at a time, in milliseconds. */
const stepMs = 5000;
const [workers, reapers] = [3, 2];

/** Somebody who works, as far as others can tell. */
interface Hand {
  claimed: Claimed;
  askedAt: number;
  isStopped: boolean;
}

interface Event {
  what: 'pass' | 'cut' | 'join' | 'pause' | 'resume' | 'cutServer' | 'joinServer' | 'end';
  which: number;
  steps: number;
}

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Event['what'][]>(
      'pass',
      'pass',
      'pass',
      'cut',
      'join',
      'pause',
      'resume',
      'cutServer',
      'joinServer',
      'end',
    ),
    which: fc.nat(5),
    steps: fc.integer({ min: 1, max: 16 }),
  }),
  { minLength: 5, maxLength: 25 },
);

/** The same store for somebody who can be cut off from it. */
function throughWire(store: Store, isCut: () => boolean): Store {
  const refuse = () => Promise.reject(new StoreUnavailable('it is away'));
  const read = new Proxy<Reads>(store.read, {
    get: (reads, name) => (isCut() ? refuse : (Reflect.get(reads, name) as unknown)),
  });
  return { ...store, read, write: (work, options) => (isCut() ? refuse() : store.write(work, options)) };
}

/** Workers and servers on one store, by a clock that is set by hand. */
function createScene(shop: Workshop) {
  let now = 0;
  const cut = new Set<number>();
  const paused = new Set<number>();
  const cutServers = new Set<number>();
  const hands = new Map<number, Hand>();
  const gone: Hand[] = [];
  const reap: Reaper[] = Array.from({ length: reapers }, (_, index) => {
    const store = throughWire(shop.store, () => cutServers.has(index));
    return createReaper({ ...shop.room, store } satisfies Room, () => now);
  });

  async function pass(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      now += stepMs;
      for (let worker = 0; worker < workers; worker++) if (!paused.has(worker)) await work(worker);
      for (const look of reap) await look().catch(unlessAway);
      await check();
    }
  }

  /** What a worker does in a step: it takes something, or renews, or stops. */
  async function work(worker: number): Promise<void> {
    const hand = hands.get(worker);
    if (!hand) {
      const claimed = cut.has(worker) ? undefined : await shop.take();
      if (claimed) hands.set(worker, { claimed, askedAt: now, isStopped: false });
      return;
    }
    if (now >= safeUntil(hand.askedAt, leaseMs)) hand.isStopped = true;
    if (cut.has(worker)) return;
    const { attempt, leaseId } = hand.claimed;
    const kept = await shop.store.write((tx) =>
      tx.renewLease(attempt.id, leaseId, shop.now() + now + leaseMs),
    );
    if (kept) hand.askedAt = now;
    if (!kept || hand.isStopped) await end(worker);
  }

  async function end(worker: number): Promise<void> {
    const hand = hands.get(worker);
    if (!hand || cut.has(worker) || paused.has(worker)) return;
    hands.delete(worker);
    gone.push(hand);
    const { state, leaseId } = (await shop.attempts(hand.claimed.run)).find(
      ({ id }) => id === hand.claimed.attempt.id,
    ) ?? { state: 'lost', leaseId: null };
    const isHeld = state === 'running' && leaseId === hand.claimed.leaseId;
    const run = await shop.end(hand.claimed, hand.isStopped ? 'lost' : undefined);
    expect(run !== undefined).to.equal(isHeld);
  }

  /** Nobody works on what another may take. */
  async function check(): Promise<void> {
    for (const [worker, { claimed, isStopped }] of hands) {
      if (isStopped || paused.has(worker)) continue;
      const attempt = await shop.store.read.attempt(claimed.attempt.id);
      expect(attempt?.leaseId, `worker ${worker} at ${now}`).to.equal(claimed.leaseId);
      expect(attempt?.state).to.equal('running');
    }
  }

  async function happen({ what, which, steps }: Event): Promise<void> {
    const [worker, server] = [which % workers, which % reapers];
    switch (what) {
      case 'pass':
        return pass(steps);
      case 'cut':
        return void cut.add(worker);
      case 'join':
        return void cut.delete(worker);
      case 'pause':
        return void paused.add(worker);
      case 'resume':
        return void paused.delete(worker);
      case 'cutServer':
        return void cutServers.add(server);
      case 'joinServer':
        return void cutServers.delete(server);
      case 'end':
        return end(worker);
    }
  }

  /** All are there again, and have time. */
  async function settle(): Promise<void> {
    for (const away of [cut, paused, cutServers]) away.clear();
    for (let turn = 0; turn < 12; turn++) {
      await pass(1);
      for (let worker = 0; worker < workers; worker++) await end(worker);
    }
    // Whoever comes late once more changes nothing.
    for (const { claimed } of gone) expect(await shop.end(claimed)).to.equal(undefined);
  }

  return { happen, settle };
}

function unlessAway(error: unknown): void {
  if (!(error instanceof StoreUnavailable)) throw error;
}

/** On PostgreSQL a history takes ten times as long. */
const histories = { SQLite: 25, PostgreSQL: 4 };

for (const kind of storeKinds)
  describe(`workers that are cut off and come back late, on ${kind}`, () => {
    let store: TemporaryStore;
    before(async () => {
      store = await temporaryStore(kind);
    });
    after(() => store?.remove());

    it('have stopped before another begins, and each run ends once', () =>
      fc.assert(
        fc.asyncProperty(events, async (history) => {
          const shop = openWorkshop(store, { leaseMs });
          const job = await shop.job({ maxAttempts: 100 });
          const runs = [];
          for (let n = 0; n < 4; n++) runs.push(await shop.trigger(job));
          const scene = createScene(shop);
          for (const event of history) await scene.happen(event);
          await scene.settle();
          for (const run of runs) {
            expect(isTerminal(await shop.state(run))).to.equal(true);
            const succeeded = (await shop.attempts(run)).filter(({ state }) => state === 'succeeded');
            expect(succeeded).to.have.length(1);
          }
          await shop.close();
        }),
        { numRuns: histories[kind] },
      ));
  });
