import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { claim } from '../../../server/room/claim.ts';
import { finish } from '../../../server/room/finish.ts';
import { confirmLease } from '../../../server/room/lease.ts';
import { every } from '../../../server/room/every.ts';
import { lookEveryMs } from '../../../server/room/leaseWatch.ts';
import { patientRoom } from '../../../server/room/patientRoom.ts';
import { createReaper } from '../../../server/room/recover.ts';
import type { Job } from '../../../server/words/job.ts';
import { emptyDatabase, sharedPostgres, type TestDatabase } from '../../fixtures/postgres.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type HttpWorld, openHttpWorld } from '../httpJobs/httpWorld.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';
import { known, nothingDone } from '../store/temporaryStore.ts';

const leaseSecs = 2;
const leaseMs = leaseSecs * 1000;

/** A call that waits for its answer. */
interface Call {
  response: ServerResponse;
  at: number;
  /** When whoever called hung up. */
  goneAt?: number;
}

const path = `/${uuid7()}`;

describe('a worker that is cut off from the database', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let endpoint: Server;
  let url: string;
  let calls: Call[];
  /** The one whose connections go through the proxy, and one whose do not. */
  let one: HttpWorld;
  let other: HttpWorld;
  let stopReaping: () => void;

  before(async () => {
    database = await emptyDatabase();
    const { folder } = await sharedPostgres();
    proxy = await startCuttingProxy(`${folder}/.s.PGSQL.5432`);
    endpoint = createServer((request, response) => {
      // Whoever had the port before may still be called there.
      if (request.url !== path) return void response.writeHead(404).end();
      const call: Call = { response, at: performance.now() };
      calls.push(call);
      response.on('close', () => {
        if (!response.writableFinished) call.goneAt = performance.now();
      });
      request.resume();
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const address = endpoint.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}${path}`;
    const open = (place: string) =>
      openHttpWorld({
        DOCKER_BUILDER_DATABASE: place,
        DOCKER_BUILDER_LEASE: String(leaseSecs),
        DOCKER_BUILDER_SECRETKEY: '0'.repeat(64),
      });
    one = await open(`postgres://postgres@127.0.0.1:${proxy.port}/${database.name}?sslmode=disable`);
    other = await open(database.url);
    stopReaping = every(
      lookEveryMs(other.room.store, leaseMs),
      'reaping',
      other.room.report,
      createReaper(other.room),
    );
  });
  beforeEach(() => (calls = []));
  afterEach(async () => {
    proxy.thaw();
    for (const { response } of calls) response.destroy();
    await waitFor('the store to be reached again', () =>
      one.room.store.read.ping().then(
        () => true,
        () => false,
      ),
    );
  });
  after(async () => {
    stopReaping?.();
    await one?.close();
    await other?.close();
    endpoint?.close();
    await proxy?.close();
    await database?.drop();
  });

  /** Only one of them takes what is triggered. */
  async function only(world: HttpWorld, work: () => Promise<void>): Promise<void> {
    const restore = await claimNothing(world === one ? other : one);
    try {
      await work();
    } finally {
      restore();
    }
  }

  /** From here on; gives what lets it claim again. */
  async function claimNothing({ room }: HttpWorld): Promise<() => void> {
    const usual = room.policy;
    room.policy = () => ({ ...usual(), httpSlots: 0 });
    // A claim may be under way.
    await room.store.write(async () => undefined);
    return () => void (room.policy = usual);
  }

  async function begun(job: Job) {
    const run = await one.trigger(job);
    await waitFor('the call', () => calls.length === 1);
    return run;
  }

  it('stops before another begins, and its late end and progress are refused', async () => {
    const job = await one.job(url, { maxAttempts: 2 });
    let id = '';
    await only(one, async () => void ({ id } = await begun(job)));
    const [first] = await known(one.room.store.read.attempts(id));
    const lease = first?.leaseId ?? '';
    // In the middle of a write, which keeps all others from writing.
    proxy.freeze('pg_advisory_xact_lock');
    const stuck = one.room.store.write((tx) => tx.recordProgress(first?.id ?? '', lease, { firstLine: 1 }));
    stuck.catch(() => undefined);
    const second = await waitFor('another to begin', () => calls[1]);
    const stoppedAt = await waitFor('the first to have stopped', () => calls[0]?.goneAt);
    expect(stoppedAt).to.be.below(second.at);
    proxy.thaw();
    await waitFor('the late end', () => one.reports.some((report) => report.startsWith('came late')));
    const progress = { commit: 'late' };
    const late = await one.room.store.write((tx) => tx.recordProgress(first?.id ?? '', lease, progress));
    expect(late).to.equal(false);
    second.response.end('{"by":"the other"}');
    const run = await known(other.room.store.read.run(id));
    expect(await other.ended(run)).to.include({ state: 'completed', attempt: 2 });
    expect((await other.room.store.read.attempts(id)).map(({ state }) => state)).to.deep.equal([
      'lost',
      'succeeded',
    ]);
    expect(await other.output(run)).to.deep.equal({ by: 'the other' });
    expect(one.reports.join('\n')).not.to.include('could not be finished');
  });

  it('keeps what came of its work, and stores it when it is reached again', async () => {
    const job = await one.job(url, { maxAttempts: 2 });
    let id = '';
    await only(one, async () => void ({ id } = await begun(job)));
    proxy.freeze();
    calls[0]?.response.end('{"by":"the first"}');
    await once(calls[0]?.response ?? endpoint, 'finish');
    proxy.thaw();
    const run = await known(one.room.store.read.run(id));
    expect(await one.ended(run)).to.include({ state: 'completed', attempt: 1 });
    expect(calls).to.have.length(1);
  });

  it('begins no push that nobody allowed', async () => {
    const job = await one.job(url);
    await only(one, async () => {
      const restore = await claimNothing(one);
      await one.trigger(job);
      const [held] = await claim(one.room, { place: 'http', engine: null }, 1);
      restore();
      const gone = new AbortController();
      const own = { ...(held ?? never()), seat: { place: 'http' } as const, patience: gone.signal };
      const room = patientRoom(one.room, gone.signal, {});
      await confirmLease(room, own);
      proxy.freeze();
      const asked = confirmLease(room, own).then(
        () => 'allowed',
        (error: unknown) => (error as Error).message,
      );
      gone.abort(new Error('the lease could not be renewed in time'));
      expect(await asked).to.equal('the lease could not be renewed in time');
      proxy.thaw();
      await finish(one.room, own, { kind: 'done', result: null }, nothingDone, false);
    });
  });

  it('has ended an attempt where the answer to that was lost, and takes one all the same', async () => {
    const job = await one.job(url);
    await only(one, async () => {
      const run = await begun(job);
      proxy.swallowAnswersTo('COMMIT\0', 'close');
      calls[0]?.response.end('{}');
      expect(await one.ended(run)).to.include({ state: 'completed', attempt: 1 });
      await waitFor('its place to be free', () => one.room.dispatches.size === 0);
      expect(one.reports.filter((report) => report.startsWith('came late'))).to.have.length(1);
    });
  });

  it('is not closed before the longest lease is over that any member gives', async () => {
    await only(one, async () => {
      const restore = await claimNothing(one);
      await one.trigger(await one.job(url));
      const [held] = await claim(one.room, { place: 'http', engine: null }, 1);
      restore();
      let now = 0;
      const [me, ...others] = await other.room.fleet.members();
      const patient = [me, ...others].flatMap((member) => (member ? [{ ...member, leaseMs: 60_000 }] : []));
      const fleet = { ...other.room.fleet, members: async () => patient };
      const reap = createReaper({ ...other.room, fleet }, () => now);
      const states: unknown[] = [];
      for (now of [0, leaseMs + 1, 59_999, 60_001]) {
        await reap();
        states.push((await other.room.store.read.attempt(held?.attempt.id ?? ''))?.state);
      }
      expect(states).to.deep.equal(['running', 'running', 'running', 'lost']);
    });
  });
});

function never(): never {
  throw new Error('nothing was claimed');
}
