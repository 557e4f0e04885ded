import type { Environment } from '../config/environment.ts';
import { archiveOld } from '../room/archive.ts';
import { forgetOldDeliveries } from '../room/deliveries.ts';
import { every } from '../room/every.ts';
import { forgetOldStats } from '../room/forgetStats.ts';
import { endSilent } from '../room/http/report.ts';
import { finishRemovals } from '../room/jobs/remove.ts';
import { forgetOldNotifications } from '../room/notify/forget.ts';
import { lookEveryMs } from '../room/leaseWatch.ts';
import { alone } from '../room/only.ts';
import { createReaper } from '../room/recover.ts';
import { watchBudgets } from '../room/retention/watch.ts';
import type { Room } from '../room/room.ts';
import { settleWaitingRuns } from '../room/schedule/waiting.ts';
import { sumUpEnded } from '../room/sumUp.ts';
import type { Worker } from '../room/worker.ts';
import { builds, serves } from '../words/member.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const waitingMs = 30_000;
const keyUsesMs = 30_000;
const silentMs = 5000;
const wishesMs = 2000;
const sumsMs = 10_000;

type Stop = () => void;

/** What each role does again and again; gives back what ends all of it. */
export function startChores(room: Room, worker: Worker, environment: Environment): Stop {
  const { role } = environment;
  const stops = [
    ...(serves(role) ? serverChores(room, environment) : []),
    ...(builds(role) ? workerChores(room, worker, environment) : []),
    watchBudgets(room),
  ];
  // Where other processes have the store open, too, they may be told what we are not.
  if (room.store.shared)
    stops.push(every(wishesMs, 'looking at what is paused', room.report, () => room.wishes.refresh()));
  return () => {
    for (const stop of stops) stop();
  };
}

/** What is about runs, and needs no engine. */
function serverChores(room: Room, { leaseMs, archiveAfterMs }: Environment): Stop[] {
  const { report } = room;
  const stops = [
    every(lookEveryMs(room.store, leaseMs), 'closing lost attempts', report, createReaper(room)),
    every(silentMs, 'ending calls of silent endpoints', report, () => endSilent(room)),
    every(
      waitingMs,
      'looking at runs that wait for others',
      report,
      alone(room, 'waiting', settleWaitingRuns),
    ),
    every(
      waitingMs,
      'removing what is left of deleted jobs',
      report,
      alone(room, 'removals', finishRemovals),
    ),
    every(sumsMs, 'summing up what ended', report, alone(room, 'sums', sumUpEnded)),
    every(keyUsesMs, 'noting when keys were used', report, () => room.keyring.saveUses()),
    every(hourMs, 'forgetting old deliveries', report, () => forgetOldDeliveries(room)),
    every(hourMs, 'forgetting old webhooks', report, () => forgetOldNotifications(room)),
    every(hourMs, 'forgetting old figures', report, () => forgetOldStats(room)),
    every(minuteMs, 'forgetting what processes asked', report, alone(room, 'forgotten', forgetAsked)),
  ];
  if (archiveAfterMs > 0) {
    const ms = Math.min(archiveAfterMs, 60_000);
    stops.push(every(ms, 'archiving', report, alone(room, 'archive', archiveOld)));
  }
  return stops;
}

/** What members asked that are gone, and budgets that nobody takes from. */
async function forgetAsked({ store: { shared } }: Room): Promise<void> {
  await shared?.calls.forgetOld();
  await shared?.allowances.forgetFull();
}

/** What is about engines. */
function workerChores(room: Room, worker: Worker, { leaseMs }: Environment): Stop[] {
  const ms = lookEveryMs(room.store, leaseMs);
  return [every(ms, 'taking over containers', room.report, () => adoptAll(room, worker))];
}

/** Where an engine has just come back, that was done already. */
async function adoptAll({ engines }: Room, worker: Worker): Promise<void> {
  const there = engines.seats().filter(({ state }) => state === 'ok');
  await Promise.all(there.map((seat) => worker.adopt(seat)));
}
