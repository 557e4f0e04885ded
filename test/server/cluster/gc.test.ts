import { expect } from 'chai';
import { only } from '../../../server/room/only.ts';
import { collectUnasked } from '../../../server/room/retention/collect.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { adminToken, awayEngine, type TestWeb } from '../access/webFixture.ts';
import { openRooms, type Rooms } from './rooms.ts';

describe('a clean-up of several processes', () => {
  let rooms: Rooms;
  let webs: readonly [TestWeb, TestWeb, TestWeb];
  before(async () => {
    rooms = await openRooms(3, 'by notifications', {
      env: { TOKEN: adminToken },
      engines: (server) => [awayEngine(`engine-${server}`)],
    });
    webs = rooms.webs as [TestWeb, TestWeb, TestWeb];
    await waitFor('all engines to be known', async () => {
      const known = await Promise.all(webs.map(({ room }) => room.fleet.engines()));
      return known.every((engines) => engines.length === 3);
    });
  });
  after(() => rooms?.close());

  const gc = ({ ask }: TestWeb, body: object = {}) => ask('POST', '/gc', { key: adminToken, body });
  const last = ({ ask }: TestWeb) => ask('GET', '/gc', { key: adminToken });
  const namesIn = (json: Record<string, unknown>) =>
    (json['engines'] as { name: string; problem: string }[]).map(({ name }) => name).toSorted();

  it('is done by each for its engines, reported as one, and known at all', async () => {
    const report = await gc(webs[0], { dry_run: true });
    expect(report.status, report.text).to.equal(200);
    expect(namesIn(report.json)).to.deep.equal(['engine-0', 'engine-1', 'engine-2']);
    expect(report.json).to.deep.include({ dry_run: true, problems: [] });
    for (const web of webs)
      expect((await last(web)).json).to.deep.equal({ running: false, last: report.json });
  });

  it('is of the engines that were asked for, wherever they are', async () => {
    expect(namesIn((await gc(webs[0], { engines: ['engine-2'] })).json)).to.deep.equal(['engine-2']);
    const unknown = await gc(webs[0], { engines: ['engine-9'] });
    expect([unknown.status, unknown.json['field']]).to.deep.equal([400, 'engines']);
  });

  it('is the only one at a time', async () => {
    await only(webs[1].room, 'clean-up', async () => {
      expect((await gc(webs[0])).status).to.equal(409);
      expect((await last(webs[2])).json['running']).to.equal(true);
      await collectUnasked(webs[2].room);
    });
    expect((await gc(webs[0])).status).to.equal(200);
  });

  it('says what could not be done where a process is away or does something else', async () => {
    webs[1].room.housekeeping.isRunning = true;
    const silent = webs[2].room.fleet.me.id;
    await rooms.database
      .script(`CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      UPDATE members SET seen_at = seen_at - 60000 WHERE id = '${silent}';
      CREATE TRIGGER silence BEFORE UPDATE ON members FOR EACH ROW WHEN (OLD.id = '${silent}') EXECUTE FUNCTION ignore()`);
    try {
      await waitFor('one to be lost', async () =>
        (await webs[0].room.fleet.members()).some(({ isLost }) => isLost),
      );
      const { status, json } = await gc(webs[0]);
      expect(status).to.equal(200);
      expect(json['problems']).to.have.members([
        'member-1: a clean-up is under way: GET /gc has its report when it is over',
        'member-2: it was not heard of lately; its engines and mirrors stay as they are',
      ]);
      expect(namesIn(json)).to.deep.equal(['engine-0']);
    } finally {
      webs[1].room.housekeeping.isRunning = false;
      await rooms.database.script('DROP FUNCTION ignore CASCADE');
    }
  });
});
