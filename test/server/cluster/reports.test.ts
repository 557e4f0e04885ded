import { expect } from 'chai';
import { runTokenOf } from '../../../server/room/http/token.ts';
import type { Run } from '../../../server/words/run.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import type { TestWeb } from '../access/webFixture.ts';
import { openRooms, type Rooms, ways } from './rooms.ts';

for (const way of ways)
  describe(`an endpoint that reports to another server than the one that calls it, ${way}`, () => {
    let rooms: Rooms;
    let goOn: () => void;
    before(async () => {
      rooms = await openRooms(2, way);
    });
    after(() => rooms?.close());
    beforeEach(() => (goOn = rooms.hold()));
    afterEach(() => goOn());

    /** A run whose endpoint has not answered, who calls it, and who does not. */
    async function called(): Promise<{ run: Run; holder: TestWeb; other: TestWeb }> {
      const [one, two] = rooms.webs as [TestWeb, TestWeb];
      const { run } = await rooms.trigger(one, await rooms.job());
      await waitFor('the call', () => rooms.calls.includes(run.id));
      const isOne = one.room.dispatches.has(run.id);
      return { run, holder: isOne ? one : two, other: isOne ? two : one };
    }

    const report = ({ ask, room }: TestWeb, run: Run, what: string, body?: unknown) =>
      ask('POST', `/sdk/v1/runs/${run.id}/${what}`, {
        headers: { Authorization: `Bearer ${runTokenOf(room, run)}` },
        body,
      });

    it('is heard: lines, life, and the end with its result', async () => {
      const { run, other, holder } = await called();
      const answers = [
        await report(other, run, 'log', { message: 'from afar', level: 'warn' }),
        await report(other, run, 'progress', { percent: 40 }),
        await report(other, run, 'heartbeat'),
        await report(other, run, 'complete', { result: { n: 'ü'.repeat(200_000) } }),
      ];
      expect(answers.map(({ status, text }) => [status, text.slice(0, 60)])).to.deep.equal(
        ['executing', 'executing', 'executing', 'completed'].map((status) => [
          200,
          JSON.stringify({ id: run.id, status }).slice(0, 60),
        ]),
      );
      expect(await rooms.ended(run))
        .to.include({ state: 'completed', attempt: 1 })
        .and.property('heartbeatAt')
        .is.a('number');
      expect((await other.room.store.read.runBody(run.id)).output).to.have.length(
        200_000 + '{"n":""}'.length,
      );
      const lines: string[] = [];
      for await (const group of holder.room.logs.lines(run.id, 1, Infinity))
        lines.push(...group.map(({ stream, text }) => `${stream} ${text}`));
      expect(lines).to.include.members(['stderr from afar', 'system progress 40 %']);
      expect((await report(other, run, 'complete')).status).to.equal(409);
    });

    it('is refused as the one that calls it would', async () => {
      const { run, other } = await called();
      const ends = await Promise.all([
        report(other, run, 'complete', { result: 1 }),
        report(other, run, 'fail', { error: 'no such customer' }),
      ]);
      expect(ends.map(({ status }) => status)).to.have.members([200, 409]);
      expect((await report(other, run, 'fail', { error: 'again' })).status).to.equal(409);
    });
  });

describe('an endpoint whose caller is gone', () => {
  let rooms: Rooms;
  before(async () => {
    rooms = await openRooms(2);
  });
  after(() => rooms?.close());

  it('is told so, and to try again', async () => {
    const goOn = rooms.hold();
    const [one, two] = rooms.webs as [TestWeb, TestWeb];
    await rooms.rest(two);
    const { run } = await rooms.trigger(one, await rooms.job());
    await waitFor('the call', () => rooms.calls.includes(run.id));
    // As if its process were dead: it answers nothing, and nobody hears of it.
    await rooms.database.script(`DELETE FROM members WHERE id = '${one.room.fleet.me.id}'`);
    await one.room.calls.close();
    const answer = await two.ask('POST', `/sdk/v1/runs/${run.id}/complete`, {
      headers: { Authorization: `Bearer ${runTokenOf(two.room, run)}` },
    });
    expect([answer.status, answer.headers['retry-after']]).to.deep.equal([503, '1']);
    expect(answer.json['error']).to.include(`calls the endpoint of run ${run.id} cannot be told`);
    goOn();
    expect(await rooms.ended(run)).to.include({ state: 'completed' });
  });
});
