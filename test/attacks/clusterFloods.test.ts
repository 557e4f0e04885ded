import { expect } from 'chai';
import { openSession } from '../../server/store/postgresSession.ts';
import { readPostgresUrl } from '../../server/words/postgresUrl.ts';
import { runTokenOf } from '../../server/room/http/token.ts';
import type { Run } from '../../server/words/run.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import type { TestWeb } from '../server/access/webFixture.ts';
import { openRooms, type Rooms } from '../server/cluster/rooms.ts';

const flood = 600;

describe('an endpoint that floods a server that does not call it', () => {
  let rooms: Rooms;
  let goOn: () => void;
  let release = () => {};
  before(async () => {
    rooms = await openRooms(2);
  });
  beforeEach(() => (goOn = rooms.hold()));
  afterEach(() => {
    release();
    goOn();
  });
  after(() => rooms?.close());

  const report = ({ ask, room }: TestWeb, run: Run, what: string, body: unknown) =>
    ask('POST', `/sdk/v1/runs/${run.id}/${what}`, {
      headers: { Authorization: `Bearer ${runTokenOf(room, run)}` },
      body,
    });

  const openCalls = async () =>
    Number((await rooms.database.script('SELECT count(*) AS open FROM calls'))[0]?.['open']);

  /** Keeps everybody from storing lines. */
  async function holdLogs(): Promise<{ release(): void }> {
    const address = readPostgresUrl(rooms.database.url);
    if ('problem' in address) throw new Error(address.problem);
    const session = await openSession(address, { connectMs: 5000, settings: {} });
    await session.command('BEGIN; LOCK TABLE log_heads IN EXCLUSIVE MODE');
    release = () => void session.close();
    return { release };
  }

  it('keeps no other one from being heard there', async () => {
    const [holder, other] = rooms.webs as [TestWeb, TestWeb];
    await rooms.rest(other);
    const job = await rooms.job();
    const [{ run: loud }, { run: quiet }] = [
      await rooms.trigger(holder, job),
      await rooms.trigger(holder, job),
    ];
    await waitFor('both calls', () => rooms.calls.length === 2);
    const message = 'x'.repeat(60_000);
    await report(other, loud, 'log', { message: 'begun' });
    // From now on no line can be stored: whoever prints much is to wait.
    const session = await holdLogs();
    const lines = Array.from({ length: flood }, () => report(other, loud, 'log', { message }));
    await waitFor('its log to be full', () => holder.room.dispatches.get(loud.id)?.log.isFull);
    await waitFor('others to wait', async () => (await openCalls()) > 0);
    const end = await report(other, quiet, 'complete', { result: 1 });
    expect([end.status, end.text]).to.deep.equal([
      200,
      JSON.stringify({ id: quiet.id, status: 'completed' }),
    ]);
    session.release();
    const statuses = (await Promise.all(lines)).map(({ status }) => status);
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
    expect(await rooms.ended(quiet)).to.include({ state: 'completed' });
  });
});
