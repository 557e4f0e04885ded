import { expect } from 'chai';
import { callKind, type Calls, createCalls } from '../../../server/room/calls/calls.ts';
import type { Bus } from '../../../server/store/contract/bus.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { Problem } from '../../../server/words/problems.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { refusal } from '../scheduler/workshop.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { known } from '../store/temporaryStore.ts';

const double = callKind<number, number>('double');
const echo = callKind<string, string>('echo');
const hang = callKind<null, null>('hang');
const refuse = callKind<null, null>('refuse');

/** Nobody hears anything: only looking helps. */
const deaf: Bus = { tell() {}, tellBehind() {}, listen: () => () => {}, onGap: () => () => {} };

interface Member {
  calls: Calls;
  store: Store;
  reports: string[];
  /** Numbers that it doubled. */
  doubled: number[];
}

describe('what one process asks of another', () => {
  let database: FreshDatabase;
  let members: Member[];
  const gone = new Set<string>();
  beforeEach(async () => {
    database = await freshDatabase();
    members = [];
    gone.clear();
  });
  afterEach(async () => {
    for (const { calls, store } of members) {
      await calls.close();
      await store.close();
    }
    await database.giveBack();
  });

  async function open(me: string, wrap: (bus: Bus) => Bus = (bus) => bus): Promise<Member> {
    const store = await openPostgresStore(database.url);
    const shared = await known(Promise.resolve(store.shared));
    const [reports, doubled]: [string[], number[]] = [[], []];
    const note = (_fields: object, sentence: string) => void reports.push(sentence);
    const calls = createCalls({
      me,
      shared: { calls: shared.calls, bus: wrap(shared.bus) },
      report: { info: note, warn: note, error: note },
      isGone: async (member) => gone.has(member),
    });
    calls.answer(double, async (n) => {
      doubled.push(n);
      if (n < 0) throw new RangeError('below zero');
      return 2 * n;
    });
    calls.answer(echo, async (text) => text);
    calls.answer(hang, async (_question, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    });
    calls.answer(refuse, async () => {
      throw new Problem('conflict', 'not now', { field: 'when', details: ['a', 'b'], retryAfterSecs: 7 });
    });
    const member = { calls, store, reports, doubled };
    members.push(member);
    return member;
  }

  const soon = { deadlineMs: 10_000 };
  const rowsLeft = async () =>
    Number((await database.script('SELECT count(*)::int AS n FROM calls'))[0]?.['n']);

  it('is answered, each question by whom it was asked of, and nothing stays behind', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const ask = (from: Member, to: string) => (n: number) => from.calls.ask(to, double, n, soon);
    const answers = await Promise.all([...numbers.map(ask(a, 'b')), ...numbers.map(ask(b, 'a'))]);
    expect(answers).to.deep.equal([...numbers, ...numbers].map((n) => 2 * n));
    for (const { doubled } of [a, b]) expect(doubled.toSorted((x, y) => x - y)).to.deep.equal(numbers);
    expect(await a.calls.ask('a', double, 4, soon)).to.equal(8);
    await waitFor('the rows to go', async () => (await rowsLeft()) === 0);
  });

  it('is answered where no notification ever arrives', async () => {
    const [a, b] = [await open('a', () => deaf), await open('b', () => deaf)];
    expect(await a.calls.ask('b', double, 1, soon)).to.equal(2);
    expect(await b.calls.ask('a', double, 2, soon)).to.equal(4);
  });

  it('carries six megabytes there and back, and refuses what is more than it may be', async () => {
    const a = await open('a');
    await open('b');
    const large = 'ü\n"'.repeat(1.5e6);
    expect((await a.calls.ask('b', echo, large, soon)) === large).to.equal(true);
    const tooLarge = await refusal(a.calls.ask('b', echo, 'x'.repeat(17e6), soon));
    expect(tooLarge.code).to.equal('payload_too_large');
  });

  it('is refused as whoever was asked refuses', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const problem = await refusal(a.calls.ask('b', refuse, null, soon));
    expect(problem).to.include({ code: 'conflict', message: 'not now', field: 'when', retryAfterSecs: 7 });
    expect(problem.details).to.deep.equal(['a', 'b']);
    const failed = await refusal(a.calls.ask('b', double, -1, soon));
    expect(failed).to.include({
      code: 'internal',
      message: 'the process that was asked failed; its log says more',
    });
    expect(b.reports).to.deep.equal(['what another process asked failed']);
    const unknown = await refusal(a.calls.ask('b', callKind<null, null>('dance'), null, soon));
    expect(unknown.message).to.include('of another version');
  });

  it('tells what is known of a question that nobody answered', async () => {
    const a = await open('a');
    const nobody = await refusal(a.calls.ask('nobody', double, 1, { deadlineMs: 300 }));
    expect(nobody).to.include({
      code: 'unavailable',
      message: 'it did not answer in time: nothing was done',
    });
    const b = await open('b');
    const slow = await refusal(a.calls.ask('b', hang, null, { deadlineMs: 300 }));
    expect(slow.message).to.equal('it did not answer in time: look whether it was done, and try again');
    const leaving = new AbortController();
    const left = a.calls
      .ask('b', hang, null, { ...soon, signal: leaving.signal })
      .catch((error: unknown) => error);
    const reason = new Error('never mind');
    leaving.abort(reason);
    expect(await left).to.equal(reason);
    expect(b.reports).to.deep.equal([]);
    await waitFor('the rows to go', async () => (await rowsLeft()) === 0);
  });

  it('is given up where who was asked dies, or the question is lost', async () => {
    const a = await open('a');
    await open('b');
    const dying = a.calls.ask('b', hang, null, soon);
    await waitFor(
      'it to be taken',
      async () => (await database.script('SELECT 1 FROM calls WHERE taken IS NOT NULL')).length === 1,
    );
    gone.add('b');
    expect((await refusal(dying)).message).to.include('is gone: look whether it was done');
    gone.add('nobody');
    expect((await refusal(a.calls.ask('nobody', double, 1, soon))).message).to.include(
      'is gone: nothing was done',
    );
    gone.clear();
    const lost = a.calls.ask('nobody', double, 1, soon);
    await waitFor('it to be posted', async () => (await rowsLeft()) > 0);
    await database.script('DELETE FROM calls');
    expect((await refusal(lost)).message).to.include('the question was lost: look whether it was done');
  });

  it('is carried out once at most, also where it is taken again and again', async () => {
    const a = await open('a');
    const store = await known(Promise.resolve(a.store.shared?.calls));
    await store.post({ id: 'one', asker: 'x', member: 'm', kind: 'double', question: '1', lastsMs: 5000 });
    await store.post({ id: 'one', asker: 'x', member: 'm', kind: 'double', question: '1', lastsMs: 5000 });
    const tokens = Array.from({ length: 8 }, (_, index) => `token ${index}`);
    const taken = await Promise.all(tokens.map((token) => store.take('m', token, 10)));
    expect(taken.flat().map(({ id }) => id)).to.deep.equal(['one']);
    const token = tokens[taken.findIndex((calls) => calls.length > 0)] ?? '';
    expect(await store.take('m', token, 10), 'the same who took it').to.have.length(1);
    await store.post({ id: 'late', asker: 'x', member: 'm', kind: 'double', question: '1', lastsMs: 0 });
    expect(await store.take('m', 'other', 10)).to.deep.equal([]);
  });

  it('goes on over a cut of all connections', async () => {
    const a = await open('a');
    await open('b');
    const answers: Promise<unknown>[] = [];
    for (let n = 0; n < 20; n++) {
      answers.push(a.calls.ask('b', double, n, soon).catch((error: unknown) => error));
      if (n % 5 === 0)
        await database.script(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'docker-builder' AND datname = current_database()",
        );
    }
    for (const [n, answer] of (await Promise.all(answers)).entries())
      if (answer instanceof Error)
        expect(answer.name, String(answer)).to.be.oneOf(['Problem', 'StoreUnavailable', 'Error']);
      else expect(answer).to.equal(2 * n);
    expect(await waitFor('an answer', () => a.calls.ask('b', double, 21, soon).catch(() => 0))).to.equal(42);
  });
});
