import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBytes } from '../../builder/steps/folderBytes.ts';
import { createSources } from '../../builder/steps/source/sources.ts';
import type { Configuration } from '../configuration.ts';
import { openRunLogs } from '../openRunLogs.ts';
import { allowedSources, policyOf } from '../policy.ts';
import { createCalls } from '../room/calls/calls.ts';
import { createRunEvents } from '../room/events.ts';
import { createCircuits } from '../room/http/circuits.ts';
import { lazyHttpClient } from '../room/http/lazyClient.ts';
import { createFleet, type Fleet } from '../room/members/fleet.ts';
import { type MemberReport, viewOf } from '../room/members/report.ts';
import { createMeters } from '../room/meters/meters.ts';
import { createHousekeeping } from '../room/retention/housekeeping.ts';
import type { Report, Room } from '../room/room.ts';
import { measured } from '../store/measured.ts';
import { createRunTokens } from '../words/runToken.ts';
import type { Crew } from './crew.ts';
import type { Foundation } from './foundation.ts';
import { createEngines } from './pool.ts';

export interface NewRoom {
  room: Room;
  /** What there is to tell others of this process. */
  own: () => MemberReport;
}

/** The room of one process, with nobody in it yet: what happens in it is told to nobody else. */
export function newRoom(
  base: Foundation,
  { configuration, data, report }: { configuration: Configuration; data: string; report: Report },
  crew: Crew,
): NewRoom {
  const { store, now, sealer, keyring, me } = base;
  const { allowPrivate, httpSlots } = configuration.environment;
  const { wishes, pool } = createEngines(base, crew, report, () => room);
  const own = (): MemberReport => ({
    version: me.version,
    labels: me.labels,
    doing: room.leaving.signal.aborted ? 'stopping' : wishes.ofMember(me.name),
    running: crew.worker.current?.running() ?? 0,
    engines: pool.seats().map(viewOf),
    leaseMs: room.policy().leaseMs,
  });
  const fleet = createFleet({
    me,
    own,
    now,
    others: store.shared?.members,
    crowd: () => crew.heartbeat.current?.crowd() ?? 1,
    dead: base.dead,
  });
  const meters = createMeters();
  const room: Room = {
    store: measured(store, meters.store),
    logs: openRunLogs(store, data, () => configuration.current.settings.limits.logBytes),
    sources: createSources({ folder: join(data, 'sources'), allowed: () => allowedSources(configuration) }),
    engines: pool,
    wishes,
    meters,
    calls: createCalls({ me: me.id, shared: store.shared, report, isGone: isGoneFrom(fleet) }),
    fleet,
    events: createRunEvents(),
    sealer,
    tokens: createRunTokens(sealer.deriveKey('run tokens')),
    http: lazyHttpClient({ allowPrivate, connections: httpSlots }),
    circuits: createCircuits({ now }),
    dispatches: new Map(),
    keyring,
    housekeeping: createHousekeeping(() => filesIn(data)),
    wake() {
      crew.worker.current?.wake();
      crew.scheduler.current?.wake();
    },
    wakeEarly: (places) => crew.worker.current?.wakeEarly(places),
    wakeClock: () => crew.scheduler.current?.wake(),
    wakeNotifier: () => crew.notifier.current?.wake(),
    interrupt: (runId) => crew.worker.current?.interrupt(runId) ?? false,
    policy: () => policyOf(configuration),
    report,
    now,
    closing: new AbortController(),
    leaving: new AbortController(),
  };
  return { room, own };
}

function isGoneFrom({ members }: Fleet) {
  return async (id: string) => !(await members()).some((one) => one.id === id && !one.isLost);
}

/** The database, where it is there, and the settings: all that is no log and no mirror. */
async function filesIn(folder: string): Promise<number> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ name }) => fileBytes(join(folder, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
