import { createEnginePool, type EnginePool } from '../room/engines.ts';
import type { EngineSeat } from '../room/engines/seat.ts';
import { createWishes, type Wishes } from '../room/engines/wishes.ts';
import { holdEngineName } from '../room/members/engineNames.ts';
import { sweepLeftovers, sweepOrphans } from '../room/recover.ts';
import type { Report, Room } from '../room/room.ts';
import { heldBack } from '../words/wish.ts';
import type { Crew } from './crew.ts';
import type { Foundation } from './foundation.ts';

export interface Engines {
  wishes: Wishes;
  pool: EnginePool;
}

/** The engines of this process, and what is wished of them. `room` is asked for when they are. */
export function createEngines(
  { store, now, me }: Foundation,
  { worker, heartbeat }: Crew,
  report: Report,
  room: () => Room,
): Engines {
  const wishes = createWishes({
    store,
    now,
    onChange() {
      room().wake();
      // Whoever told this member to stop waits for its answer.
      void heartbeat.current?.beat();
    },
    onPardon(name) {
      for (const seat of pool.seats()) if (seat.engine.name === name) pool.pardon(seat);
    },
    onSet: () => store.shared?.bus.tell({ kind: 'wishes' }),
  });
  const pool = createEnginePool({
    report,
    wishes: { of: (engine) => heldBack(wishes.ofMember(me.name), wishes.of(engine)) },
    async greet(seat) {
      await greet(room(), seat);
      await worker.current?.adopt(seat);
    },
    tend: ({ engine }) => sweepLeftovers(room(), engine),
    onReachable: () => room().wake(),
    now,
    retryMs: 1000,
    checkMs: 10_000,
  });
  return { wishes, pool };
}

/** Puts in order what is on an engine that answers again, before anything new begins there. */
async function greet(room: Room, seat: EngineSeat): Promise<void> {
  await holdEngineName(room.store.shared?.members, room.fleet.me, seat);
  await sweepOrphans(room, seat.engine);
}
