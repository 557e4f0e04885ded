import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createFleet } from '../../../server/room/members/fleet.ts';
import { enterMember, NameTaken } from '../../../server/room/members/enter.ts';
import { machineName, newMe, pidSpace } from '../../../server/room/members/me.ts';
import type { MemberReport } from '../../../server/room/members/report.ts';
import type { Members, NewMember } from '../../../server/store/contract/members.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { enterLock } from '../../../server/store/shared/members.ts';
import type { Store } from '../../../server/store/store.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';

const lostMs = 6000;
const report: MemberReport = { version: '1', labels: {}, doing: 'on', running: 0, engines: [], leaseMs: 0 };

function newMember(more: Partial<NewMember> = {}): NewMember {
  return {
    id: uuid7(),
    name: 'one',
    isFixed: false,
    role: 'worker',
    host: 'somewhere',
    pid: 7,
    machine: undefined,
    report: JSON.stringify(report),
    ...more,
  };
}

describe('members', () => {
  let database: FreshDatabase;
  let store: Store;
  let members: Members;
  before(async () => {
    database = await freshDatabase();
    store = await openPostgresStore(database.url);
    if (!store.shared) throw new Error('PostgreSQL is shared');
    ({ members } = store.shared);
  });
  afterEach(() => database.script('DELETE FROM members; DELETE FROM held_engines'));
  after(async () => {
    await store.close();
    await database.giveBack();
  });

  /** As if nobody had heard of it for that long. */
  const silence = (name: string, ms: number) =>
    database.script(
      `UPDATE members SET seen_at = seen_at - ${ms} WHERE name = '${name}';
       UPDATE held_engines SET seen_at = seen_at - ${ms} WHERE member_name = '${name}'`,
    );
  const names = async () => (await members.list()).map(({ name }) => name);
  const reason = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  for (const [what, script] of [
    ['in the middle of a statement', 'LOCK TABLE members IN ROW EXCLUSIVE MODE'],
    ['just as it enters', `SELECT pg_advisory_xact_lock(${enterLock})`],
  ] as const)
    it(`are not kept out by one that stands still ${what}`, async () => {
      await database.script(`BEGIN; ${script}`);
      try {
        expect(await members.enter(newMember(), lostMs)).to.deep.equal({ name: 'one' });
      } finally {
        await database.rest();
      }
    });

  it('have names of their own, also those that come at the same time', async () => {
    const entered = await Promise.all(Array.from({ length: 5 }, () => enterMember(members, newMember())));
    expect(entered.map(({ name }) => name).toSorted()).to.deep.equal([
      'one',
      'one-2',
      'one-3',
      'one-4',
      'one-5',
    ]);
  });

  it('are refused a name that somebody said, and that another one has who lives', async () => {
    const holder = newMember({ name: 'big' });
    await members.enter(holder, lostMs);
    const beats = setInterval(() => void members.beat(holder, [], lostMs), 50);
    const refusal = await reason(enterMember(members, newMember({ name: 'big', isFixed: true })));
    clearInterval(beats);
    expect(refusal).to.be.instanceOf(NameTaken);
    expect(refusal).to.have.property(
      'message',
      'another docker-builder on this database is called big (process 7 on somewhere): give this one another name with --name or DOCKER_BUILDER_NAME',
    );
  });

  it('get the name of one that is dead: at once where that is seen, else when it was silent for long enough', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    const [pid = 0, machine] = [child.pid, pidSpace()];
    const first = newMember({ name: 'big', pid, machine });
    await members.enter(first, lostMs);
    const heir = newMember({ name: 'big', isFixed: true, pid: process.pid, machine });
    expect(await enterMember(members, heir)).to.deep.equal({ name: 'big', dead: [first.id] });
    await silence('big', lostMs + 1);
    const next = newMember({ name: 'big', isFixed: true });
    expect(await enterMember(members, next)).to.deep.equal({ name: 'big', dead: [] });
    // Nobody sees two of a name, one of them dead.
    expect(await names()).to.deep.equal(['big']);
  });

  it('are seen to be dead by any that comes on their machine, and by no other', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    const [pid = 0, machine] = [child.pid, pidSpace()];
    const gone = [newMember({ pid, machine }), newMember({ name: 'two', pid, machine })];
    const there = newMember({ name: 'there', pid: process.ppid, machine });
    for (const one of [...gone, there]) await members.enter(one, lostMs);
    const elsewhere = newMember({ pid: process.pid, machine: 'another' });
    expect(await enterMember(members, elsewhere)).to.deep.equal({ name: 'one-2', dead: [] });
    const { name, dead } = await enterMember(members, newMember({ pid: process.pid, machine }));
    expect(name).to.equal('one');
    expect(dead).to.have.members(gone.map(({ id }) => id));
    expect(await names()).to.have.members(['there', 'one-2', 'one']);
  });

  it('are seen as they last told, as lost when they told nothing, and not at all when they left', async () => {
    const now = () => store.shared?.now() ?? 0;
    const me = newMe({ name: 'me', role: 'server', labels: {}, version: '1' }, now());
    const own = () => ({ ...report, running: 3 });
    const engine = {
      name: 'e',
      slots: 2,
      busy: 1,
      state: 'ok' as const,
      problem: undefined,
      lastContactAt: now(),
      about: undefined,
      breaker: { failures: 0, openings: 0, openUntil: 0 },
      labels: { rack: 'b7' },
      terms: {},
      dedicated: false,
      disk: undefined,
    };
    const told: MemberReport = { ...report, running: 2, engines: [engine] };
    await members.enter({ ...newMember(me), name: 'me', isFixed: true }, lostMs);
    await members.enter(newMember({ name: 'two' }), lostMs);
    const other = newMember({ report: JSON.stringify(told) });
    await members.enter(other, lostMs);
    await members.beat(other, [], lostMs);
    // One look serves for a while: each of these looks for itself.
    const look = async () => {
      const fleet = createFleet({ me, own, now, others: members });
      const shown = (await fleet.members()).map(({ name, isLost, running }) => ({ name, isLost, running }));
      return { shown, engine: await fleet.engine('e') };
    };
    const before = await look();
    expect(before.shown).to.deep.equal([
      { name: 'me', isLost: false, running: 3 },
      { name: 'two', isLost: false, running: 0 },
      { name: 'one', isLost: false, running: 2 },
    ]);
    expect(before.engine).to.deep.include({ worker: 'one', busy: 1, slots: 2, labels: { rack: 'b7' } });
    await silence('one', lostMs + 1);
    await members.remove(me.id);
    const after = await look();
    expect(after.shown).to.deep.include({ name: 'one', isLost: true, running: 2 });
    expect(after.engine).to.equal(undefined);
    await silence('one', 3_600_000);
    await members.forget(3_600_000);
    expect(await names()).to.deep.equal(['two']);
  });

  it('that were forgotten are there again with their next sign of life', async () => {
    const member = newMember();
    await members.enter(member, lostMs);
    await members.remove(member.id);
    await members.beat(member, [], lostMs);
    expect(await names()).to.deep.equal(['one']);
  });

  it('that come back hear who took their name, as long as that one lives', async () => {
    const [first, second] = [newMember({ pid: 1 }), newMember({ pid: 2, isFixed: true })];
    const [here] = [{ name: 'one', daemon: 'here' }];
    await members.enter(first, lostMs);
    await members.hold(here, 'one', lostMs);
    await silence('one', lostMs + 1);
    await members.enter(second, lostMs);
    const answers = [await members.beat(first, [here], lostMs), await members.beat(second, [here], lostMs)];
    expect(answers[0]).to.have.nested.property('holder.id', second.id);
    expect(answers[1]).to.deep.equal({ held: ['one'] });
    expect((await members.list()).map(({ id }) => id)).to.deep.equal([second.id]);
    await silence('one', lostMs + 1);
    expect(await members.beat(first, [], lostMs)).to.deep.equal({ held: [] });
    expect(await members.beat(second, [], lostMs)).to.have.nested.property('holder.id', first.id);
    expect(await names()).to.deep.equal(['one']);
  });

  it('give no two daemons one name, whoever asks first, as long as one of them is used', async () => {
    const one = newMember();
    const [here, there] = [
      { name: 'big', daemon: 'here' },
      { name: 'big', daemon: 'there' },
    ];
    expect(await members.hold(here, 'one', lostMs)).to.equal(undefined);
    expect(await members.hold(here, 'two', lostMs)).to.equal(undefined);
    expect(await members.hold(there, 'one', lostMs)).to.equal('two');
    await silence('two', lostMs + 1);
    // Whoever uses it still says so with each sign of life.
    expect(await members.beat(one, [here], lostMs)).to.deep.equal({ held: ['big'] });
    expect(await members.hold(there, 'two', lostMs)).to.not.equal(undefined);
    await database.script(`UPDATE held_engines SET seen_at = seen_at - ${lostMs + 1}`);
    expect(await members.hold(there, 'two', lostMs)).to.equal(undefined);
    expect(await members.beat(one, [here], lostMs)).to.deep.equal({ held: [] });
  });

  it('are called as their machine is where nobody says more', () => {
    const hosts = ['build-7.example', 'a b', '-x', '', 'x'.repeat(90)];
    expect(hosts.map(machineName)).to.deep.equal([
      'build-7.example',
      'a-b',
      'x',
      'docker-builder',
      'x'.repeat(63),
    ]);
  });
});
