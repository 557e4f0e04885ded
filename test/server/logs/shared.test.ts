import { expect } from 'chai';
import fc from 'fast-check';
import type { Logs, LogWriter } from '../../../server/room/logs/logs.ts';
import { openSharedLogs } from '../../../server/room/logs/shared/logs.ts';
import { LogTakenOver } from '../../../server/room/logs/takenOver.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { dropNotifications } from '../../fixtures/dropNotifications.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { addRun, take } from '../store/temporaryStore.ts';
import { asText, linesOf, numbered, runId as id, textOf } from './logFixture.ts';
import { followed, sharedOf } from './sharedFixture.ts';

type Step = { process: 0 | 1; lines: number; isFlushed: boolean; isTakenOver: boolean };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    process: fc.constantFrom(0, 1),
    lines: fc.integer({ min: 1, max: 60 }),
    isFlushed: fc.boolean(),
    isTakenOver: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 25 },
);

for (const way of ['by notifications', 'by polling alone'] as const)
  describe(`a log that two processes share, ${way}`, () => {
    let database: FreshDatabase;
    let stores: Store[];
    let undo: () => Promise<void>;
    before(async () => {
      database = await freshDatabase();
      undo = way === 'by polling alone' ? await dropNotifications(database) : async () => undefined;
      stores = await Promise.all([1, 2].map(() => openPostgresStore(database.url)));
    });
    after(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await undo();
      await database.giveBack();
    });

    it('is one gapless sequence for followers in both, whoever of them writes', async () => {
      const options = fc.constantFrom({ chunkBytes: 300 }, { chunkBytes: 2000 }, {});
      await fc.assert(
        fc.asyncProperty(steps, options, async (all, chosen) => {
          const both = stores.map((store) =>
            openSharedLogs({ ...sharedOf(store), ...chosen, delayMs: 1, pollMs: 20 }),
          );
          const reading = both.map((logs) => followed(logs, id));
          try {
            const expected = await play(both as [Logs, Logs], all);
            for (const { until } of reading) expect(await until(expected.length)).to.deep.equal(expected);
          } finally {
            for (const { stop } of reading) await stop();
            await Promise.all(both.map((logs) => logs.close()));
            await both[0]?.remove(id);
          }
        }),
        { numRuns: 12 },
      );
    });
  });

/** Gives the lines that must be there. Of those that were not stored when another writer came some may be gone. */
async function play(both: [Logs, Logs], all: readonly Step[]): Promise<string[]> {
  let model: string[] = [];
  let [at, flushed] = [0, 0];
  let writer: LogWriter = await both[0].write(id);
  for (const { process, lines, isFlushed, isTakenOver } of all) {
    if (isTakenOver && process !== at) {
      const before = writer;
      writer = await both[process].write(id);
      at = process;
      expect(writer.lastLine).to.be.within(flushed, model.length);
      model = model.slice(0, writer.lastLine);
      before.append('stdout', 'too late\n');
      await before.end();
      expect(before.fault).to.be.instanceOf(LogTakenOver);
    }
    const more = Array.from({ length: lines }, (_, n) => `process ${at} line ${model.length + n + 1}`);
    writer.append('stdout', asText(more));
    model.push(...more);
    if (isFlushed) await writer.flush();
    if (isFlushed) flushed = model.length;
  }
  await writer.end();
  expect(writer.fault).to.equal(undefined);
  return model;
}

describe('logs in a database', () => {
  let database: FreshDatabase;
  let stores: [Store, Store];
  let one: Logs;
  let other: Logs;
  before(async () => {
    database = await freshDatabase();
    stores = [await openPostgresStore(database.url), await openPostgresStore(database.url)];
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.giveBack();
  });
  beforeEach(() => {
    [one, other] = stores.map((store) => openSharedLogs({ ...sharedOf(store), delayMs: 1 })) as [Logs, Logs];
  });
  afterEach(async () => {
    await Promise.all([one.close(), other.close()]);
    await database.script(
      'DELETE FROM log_chunks; DELETE FROM log_heads; DELETE FROM log_sizes; DELETE FROM log_removed',
    );
  });

  const write = async (logs: Logs, runId: string, lines: string[]) => {
    const writer = await logs.write(runId);
    writer.append('stdout', asText(lines));
    await writer.end();
  };
  const rows = async (where = 'true') =>
    (await database.script(`SELECT tableoid::regclass::text AS place FROM log_chunks WHERE ${where}`)).map(
      ({ place }) => place,
    );

  it('are taken from whoever wrote them before, who is told once and stores nothing more', async () => {
    const faults: Error[] = [];
    const old = await one.write(id, (fault) => faults.push(fault));
    old.append('stdout', asText(numbered(3)));
    await old.flush();
    const next = await other.write(id);
    expect(next.lastLine).to.equal(3);
    old.append('stdout', 'too late\n');
    await old.flush();
    old.append('stdout', 'too late\n');
    await old.end();
    expect(faults).to.have.length(1);
    expect(faults[0]).to.be.instanceOf(LogTakenOver);
    expect(old.lastLine).to.equal(3);
    next.append('stdout', 'line 4\n');
    await next.end();
    expect(await textOf(await one.range(id, 1, 10))).to.equal(asText(numbered(4)));
  });

  it('are not given to whoever lost the lease of the attempt, however late that one comes', async () => {
    const [store] = stores;
    const taken = await store.write(async (tx) => {
      await addRun(tx);
      return take(tx);
    });
    const { id: attemptId, runId, leaseId } = taken?.attempt ?? {};
    if (!attemptId || !runId || !leaseId) throw new Error('nothing was claimed');
    const late = { holder: { attemptId, leaseId: uuid7() } };
    expect(await one.write(runId, undefined, late).catch((error: unknown) => error)).to.be.instanceOf(
      LogTakenOver,
    );
    expect(await one.lineCount(runId)).to.equal(undefined);
    const held = await one.write(runId, undefined, { holder: { attemptId, leaseId } });
    expect(await other.write(runId, undefined, late).catch((error: unknown) => error)).to.be.instanceOf(
      LogTakenOver,
    );
    held.append('stdout', 'mine\n');
    await held.end();
    expect(held.fault).to.equal(undefined);
  });

  it('end for whoever writes one that another process removes, and begin anew at line 1', async () => {
    const writer = await one.write(id);
    writer.append('stdout', asText(numbered(5)));
    await writer.flush();
    await other.remove(id);
    expect(await other.tail(id, 1)).to.equal(undefined);
    writer.append('stdout', 'gone\n');
    await writer.end();
    expect(writer.fault).to.be.instanceOf(LogTakenOver);
    await write(other, id, ['first again']);
    expect((await linesOf(one, 1, 9)).map(({ number, text }) => [number, text])).to.deep.equal([
      [1, 'first again'],
    ]);
    expect(await rows()).to.have.length(1);
  });

  it('that grow slowly never have many chunks, and one in the end', async () => {
    const writer = await one.write(id);
    for (let n = 1; n <= 200; n++) {
      writer.append('stdout', `line ${n}\n`);
      await writer.flush();
      if (n % 20 === 0) expect((await rows()).length).to.be.at.most(9);
    }
    await writer.end();
    expect(await rows()).to.have.length(1);
    expect(await textOf(await other.range(id, 1, 200))).to.equal(asText(numbered(200)));
    expect(await other.size(id)).to.equal(await other.totalSize());
  });

  it('know what all of them take, whoever writes, shortens and removes them', async () => {
    const runIds = Array.from({ length: 6 }, () => uuid7());
    const small = openSharedLogs({ ...sharedOf(stores[1]), maxBytes: () => 3000, delayMs: 1 });
    for (const [at, runId] of runIds.entries()) await write(at % 2 ? one : small, runId, numbered(500));
    await other.removeAll(runIds.slice(0, 2));
    await one.remove(runIds[2] ?? '');
    const sizes = await one.sizes(runIds);
    expect(sizes.slice(0, 3)).to.deep.equal([0, 0, 0]);
    const [stored] = await database.script(
      'SELECT sum(stored)::int AS bytes FROM log_chunks WHERE run_id IN (SELECT run_id FROM log_heads)',
    );
    expect(await other.totalSize()).to.equal(sizes.reduce((sum, size) => sum + size, 0));
    expect(stored?.['bytes']).to.equal(await other.totalSize());
    await small.close();
  });

  it('are dropped by the day, but for those that are there', async () => {
    const [gone, kept] = [idOfToday(), idOfToday()];
    await write(one, gone, numbered(10));
    await write(one, kept, numbered(20));
    const day = String((await rows())[0]);
    expect(day).to.match(/^log_chunks_\d{8}$/);
    await one.remove(gone);
    expect(await rows()).to.deep.equal([day, day]);
    const { chunks } = sharedOf(stores[0]).shared;
    await chunks.dropDay(day.replace(/^.*_(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'));
    expect(await rows()).to.deep.equal(['log_chunks_else']);
    expect(await textOf(await other.range(kept, 1, 20))).to.equal(asText(numbered(20)));
    await write(other, kept, ['and on']);
    expect(await one.lineCount(kept)).to.equal(21);
    await write(one, gone, ['anew']);
    expect(await textOf(await other.tail(gone, 5))).to.equal('anew\n');
  });

  it('free the place of what was removed at once for whoever asks', async () => {
    const [today, longAgo] = [idOfToday(), id];
    for (const runId of [today, longAgo]) await write(one, runId, numbered(10));
    await one.removeAll([today, longAgo]);
    await other.tidy(false);
    expect(await rows(`run_id = '${longAgo}'`)).to.deep.equal([]);
    expect(await rows()).to.have.length(1);
    await other.tidy(true);
    expect(await rows()).to.deep.equal([]);
    expect(await database.script('SELECT * FROM log_removed')).to.deep.equal([]);
  });

  it('are told of once a commit, to those who listen', async () => {
    const heard: number[] = [];
    const { bus } = sharedOf(stores[1]).shared;
    const stop = bus.listen((message) => {
      if (message.kind === 'log') heard.push(message.last);
    });
    try {
      const writer = await one.write(id);
      writer.append('stdout', asText(numbered(7)));
      await writer.end();
      await waitFor('the message', () => heard.length > 0);
      expect(heard).to.deep.equal([7]);
    } finally {
      stop();
    }
  });
});

/** By the clock: whoever else makes ids in this process may have brought them far ahead of it. */
function idOfToday(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}${uuid7().slice(13)}`;
}
