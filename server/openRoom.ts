import type { Configuration } from './configuration.ts';
import { answerCalls } from './room/calls/answers.ts';
import { bridgeRoom } from './room/cluster/bridge.ts';
import type { ListedEngine } from './room/engines/seat.ts';
import { nameTaken } from './room/members/engineNames.ts';
import { nameLost } from './room/members/enter.ts';
import { startHeartbeat } from './room/members/heartbeat.ts';
import type { MemberReport } from './room/members/report.ts';
import { type Notifier, startNotifier } from './room/notify/notifier.ts';
import { recover } from './room/recover.ts';
import type { Report, Room } from './room/room.ts';
import { type Scheduler, startScheduler } from './room/schedule/scheduler.ts';
import { startWorker, type Worker } from './room/worker.ts';
import { type Crew, newCrew } from './roles/crew.ts';
import { type Foundation, openFoundation } from './roles/foundation.ts';
import { newRoom } from './roles/newRoom.ts';
import { declareQueues } from './roles/queues.ts';
import { serves } from './words/member.ts';

export interface RoomParts {
  configuration: Configuration;
  /** The data folder. */
  data: string;
  /** The engines of the settings as they are now. */
  engines: () => Promise<ListedEngine[]>;
  report: Report;
}

export interface OpenRoom {
  room: Room;
  worker: Worker;
  scheduler: Scheduler;
  notifier: Notifier;
  /** Aborted, with an Error that says it, where this process cannot go on beside the others. */
  displaced: AbortSignal;
  /** In the reverse order of the start. */
  close(): Promise<void>;
}

/** Opens the store and all that works on it in this role, and takes up what an earlier process left. */
export async function openRoom(parts: RoomParts): Promise<OpenRoom> {
  const { configuration, data, engines } = parts;
  const listed = await engines();
  const base = await openFoundation(configuration, data);
  const crew = newCrew();
  const { room: local, own } = newRoom(base, parts, crew);
  const { room, close: closeBridge } = bridgeRoom(local, crew);
  answerCalls(room);
  await recover(room);
  await recallWishes(room);
  if (serves(base.me.role)) await declareQueues(room, configuration);
  room.engines.replace(listed);
  const worker = startCrew(room, crew);
  const displaced = tellOthers(room, crew, base, own);
  configuration.onChange(() => void changeEngines(room, engines));
  return {
    room,
    worker,
    scheduler: crew.scheduler.current ?? nobody,
    notifier: crew.notifier.current ?? nobody,
    displaced,
    async close() {
      await crew.heartbeat.current?.stop();
      await room.calls.close();
      room.engines.close();
      await room.sources.close();
      await room.http.close();
      await room.keyring.saveUses();
      await room.logs.close();
      closeBridge();
      room.meters.close();
      await room.store.close();
    },
  };
}

function startCrew(room: Room, crew: Crew): Worker {
  const worker = startWorker(room);
  crew.worker.current = worker;
  if (serves(room.fleet.me.role)) {
    crew.scheduler.current = startScheduler(room);
    crew.notifier.current = startNotifier(room);
  }
  return worker;
}

/** What neither keeps the time nor tells the outside anything. */
const nobody = { wake() {}, hint() {}, async stop() {} };

function tellOthers(
  { store, engines, leaving, report }: Room,
  { heartbeat }: Crew,
  { member }: Foundation,
  own: () => MemberReport,
): AbortSignal {
  const displaced = new AbortController();
  if (!store.shared) return displaced.signal;
  const { members, outdated } = store.shared;
  const { seats, suspect } = engines;
  heartbeat.current = startHeartbeat({
    members,
    member,
    own,
    seats,
    onEngineLost: (seat) => suspect(seat, nameTaken(seat.engine.name, 'another worker')),
    onNameLost: (holder) => displaced.abort(nameLost(member, holder)),
    report,
  });
  leaving.signal.addEventListener('abort', () => void heartbeat.current?.beat());
  return AbortSignal.any([outdated, displaced.signal]);
}

async function recallWishes({ wishes, fleet, report }: Room): Promise<void> {
  await wishes.refresh();
  const { name } = fleet.me;
  const own = wishes.ofMember(name);
  if (own !== 'on') report.warn({ state: own }, `nothing is started here until POST /workers/${name}/resume`);
  const state = wishes.server();
  if (state !== 'on') report.warn({ state }, 'nothing is started until POST /server/resume');
}

async function changeEngines(
  { engines, report }: Room,
  listed: () => Promise<ListedEngine[]>,
): Promise<void> {
  try {
    engines.replace(await listed());
  } catch (error) {
    report.error({ error }, 'the changed engines cannot be used; the last good ones stay');
  }
}
