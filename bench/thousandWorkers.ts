import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { inTurn } from '../server/room/cluster/inTurn.ts';
import { peekFor } from '../server/room/cluster/peek.ts';
import { startPump } from '../server/room/pump.ts';
import { openPostgresStore } from '../server/store/postgres.ts';
import type { Shared } from '../server/store/contract/shared.ts';
import type { Store } from '../server/store/store.ts';
import type { Attempt } from '../server/words/run.ts';
import { uuid7 } from '../server/words/uuid7.ts';
import { startPostgres, type TestPostgres } from '../test/fixtures/postgres.ts';
import { claimSome, end, insertHttpJob, queueRuns } from './measure/cycles.ts';
import { loadOf, writersWaiting } from './measure/postgresLoad.ts';
import { percentile, short } from './measure/statistics.ts';

/**
 * What a thousand workers do to one PostgreSQL while nothing goes wrong: signs of life, looks for work, hints, claims,
 * renewals of leases and ends, at the rates that the program has, each member's own. Ten members share the connections of
 * one store, because a thousand times a worker's connections are more than this machine has memory for.
 *
 * `node bench/thousandWorkers.ts [members] [seconds] [runs a second]`
 */
const [members = 1000, seconds = 30, runsPerSecond = 33] = process.argv.slice(2).map(Number);
const [perStore, slots] = [10, 4];
/** As the program has them, with the usual lease of a minute. */
const [beatMs, lostMs, renewMs, leaseMs] = [2000, 6000, 10_000, 60_000];
/** Half of all slots are busy. */
const runMs = ((members * slots) / 2 / runsPerSecond) * 1000;
const warmUpMs = 5000;

interface Measured {
  beats: number[];
  peeks: number[];
  renewals: number[];
  ends: number[];
  claims: number[];
  /** Claims that found nothing, because another one was there first. */
  inVain: number;
  /** What the store refused because too much waited for it. */
  refused: number;
  /** From when a run was asked for to the commit of its claim. */
  starts: number[];
}

type Station = { store: Store; shared: Shared };

const fresh = (): Measured => ({
  beats: [],
  peeks: [],
  renewals: [],
  ends: [],
  claims: [],
  inVain: 0,
  refused: 0,
  starts: [],
});
let measured = fresh();
const quiet = { info() {}, warn() {}, error: () => void measured.refused++ };

const postgres = await startPostgres({ durable: true, maxConnections: 1000 });
try {
  console.log(JSON.stringify(await simulate(postgres)));
} finally {
  await postgres.close();
}

async function simulate(database: TestPostgres): Promise<object> {
  const stations: Station[] = [];
  const over = new AbortController();
  try {
    for (let n = 0; n < Math.ceil(members / perStore) + 1; n++) stations.push(await stationOn(database.url));
    const [server, ...workers] = stations;
    if (!server) throw new Error('there is no store');
    const job = await insertHttpJob(server.store, 'noop');
    // As many as are under way in the long run are so from the beginning.
    await queueRuns(server.store, job, Math.round((members * slots) / 2));
    const all = Array.from({ length: members }, (_, n) =>
      startMember(workers[n % workers.length] ?? server, over.signal),
    );
    await untilBusy(all);
    const asking = keepAsking(server, job, over.signal);
    await pause(warmUpMs);
    const line = await measure(database);
    over.abort();
    await asking;
    return line;
  } finally {
    over.abort();
    await Promise.all(stations.map(({ store }) => store.close()));
  }
}

async function stationOn(url: string): Promise<Station> {
  const store = await openPostgresStore(url, { maxReaders: 2 });
  if (!store.shared) throw new Error('PostgreSQL is shared');
  return { store, shared: store.shared };
}

interface Simulated {
  busy(): number;
}

function startMember({ store, shared }: Station, signal: AbortSignal): Simulated {
  const working = new Set<string>();
  const turn = async (): Promise<boolean> => {
    if (signal.aborted || working.size >= slots) return false;
    const taken = await timed(measured.claims, () => claimSome(store, slots - working.size));
    if (taken.length === 0) measured.inVain++;
    for (const attempt of taken) void work(attempt);
    return false;
  };
  const fleet = { crowd: () => members };
  const claimable = () => timed(measured.peeks, () => store.read.claimable());
  const pump = startPump(
    quiet,
    turn,
    peekFor({ store: { shared, read: { claimable } }, fleet }, (places) =>
      places ? places.length > 0 : working.size < slots,
    ),
  );

  async function work(attempt: Attempt): Promise<void> {
    working.add(attempt.id);
    measured.starts.push(Date.now() - attempt.queuedAt);
    const endsAt = performance.now() - runMs * Math.log(Math.random());
    try {
      for (let left = endsAt - performance.now(); left > renewMs; left = endsAt - performance.now()) {
        await pause(renewMs, undefined, { signal });
        const renew = () => shared.renewLease(attempt.id, attempt.leaseId ?? '', shared.now() + leaseMs);
        await timed(measured.renewals, renew).catch(() => measured.refused++);
      }
      await pause(Math.max(0, endsAt - performance.now()), undefined, { signal });
      await stored(attempt);
      working.delete(attempt.id);
      pump.wakeSoon();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Held until the store takes it. */
  async function stored(attempt: Attempt): Promise<void> {
    const isStored = () =>
      timed(measured.ends, () => end(store, attempt)).then(
        () => true,
        () => (measured.refused++, false),
      );
    while (!(await isStored())) await pause(1000, undefined, { signal });
  }

  const look = inTurn(fleet.crowd, pump.hint);
  const stopHearing = shared.bus.listen(({ kind }) => {
    if (kind === 'wake') look();
  });
  signal.addEventListener('abort', () => (stopHearing(), void pump.stop()));
  void beat(shared, signal);
  // Not all at once.
  setTimeout(() => pump.hint(), Math.random() * 1000);
  return { busy: () => working.size };
}

async function beat({ members: rows }: Shared, signal: AbortSignal): Promise<void> {
  const id = uuid7(Date.now());
  const name = `worker-${id.slice(-12)}`;
  const about = {
    id,
    name,
    isFixed: true,
    role: 'worker' as const,
    host: 'simulated',
    pid: 1,
    machine: undefined,
  };
  const engine = { name, daemon: randomUUID() };
  const view = { name, state: 'ok', platform: 'linux/amd64', slots, busy: slots / 2 };
  const report = JSON.stringify({ version: '0.1.0', labels: {}, doing: 'on', running: 2, engines: [view] });
  const isOver = () => signal.aborted;
  await pause(Math.random() * beatMs);
  while (!isOver()) {
    const since = performance.now();
    await timed(measured.beats, () => rows.beat({ ...about, report }, [engine], lostMs)).catch(
      () => measured.refused++,
    );
    await pause(Math.max(0, since + beatMs - performance.now()), undefined, { signal }).catch(
      () => undefined,
    );
  }
}

async function untilBusy(all: readonly Simulated[]): Promise<void> {
  const goal = Math.round((members * slots) / 2);
  const until = performance.now() + 120_000;
  while (all.reduce((sum, one) => sum + one.busy(), 0) < goal * 0.95) {
    if (performance.now() > until) throw new Error('the members do not get their work');
    await pause(100);
  }
}

/** As many as end, at random times. */
async function keepAsking(
  { store, shared }: Station,
  job: Parameters<typeof queueRuns>[1],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause((-Math.log(Math.random()) * 1000) / runsPerSecond);
    await queueRuns(store, job, 1).catch(() => measured.refused++);
    shared.bus.tell({ kind: 'wake' });
  }
}

async function measure(database: TestPostgres): Promise<object> {
  measured = fresh();
  const [before, cpuBefore] = [await loadOf(database), process.cpuUsage()];
  const waiting = await writersWaiting(database, seconds * 1000);
  const after = await loadOf(database);
  const { user, system } = process.cpuUsage(cpuBefore);
  const perSecond = (count: number) => short(count / seconds, 0);
  return {
    bench: 'thousand-workers',
    members,
    connections: after.connections,
    running: (members * slots) / 2,
    per_second: {
      runs: perSecond(measured.ends.length),
      beats: perSecond(measured.beats.length),
      peeks: perSecond(measured.peeks.length),
      renewals: perSecond(measured.renewals.length),
      claims: perSecond(measured.claims.length),
      claims_in_vain: perSecond(measured.inVain),
      refused: perSecond(measured.refused),
      commits: perSecond(after.commits - before.commits),
      wal_kb: perSecond((after.walBytes - before.walBytes) / 1000),
    },
    ms: Object.fromEntries(
      (['starts', 'beats', 'peeks', 'renewals', 'claims', 'ends'] as const).map((what) => [
        what,
        { p50: short(percentile(measured[what], 50)), p99: short(percentile(measured[what], 99)) },
      ]),
    ),
    writers_waiting: { mean: short(waiting.mean, 2), most: waiting.most },
    cores: {
      postgres: short((after.cpuSeconds - before.cpuSeconds) / seconds, 2),
      simulation: short((user + system) / 1e6 / seconds, 2),
    },
  };
}

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  const done = await work();
  into.push(performance.now() - since);
  return done;
}
