import { expect } from 'chai';
import fc from 'fast-check';
import { executionOf } from '../../../server/doors/barbeque/standing.ts';
import {
  type ExecutionStatus,
  plainStatus,
  type Standing,
  statusOf,
} from '../../../server/doors/barbeque/status.ts';
import { isTerminal, type RunState, runStates } from '../../../server/words/run.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from '../store/bothStores.ts';
import { addRun, known, nothingDone, take, type TemporaryStore } from '../store/temporaryStore.ts';
import { failed, succeeded } from '../../../server/words/transitions/running.ts';
import { cancelRequested } from '../../../server/words/transitions/waiting.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';

const finals: readonly ExecutionStatus[] = ['success', 'failed', 'error'];
const first = { attempt: 1, startedAt: 5 };

describe('the status of an execution', () => {
  const plain: [ExecutionStatus, RunState, Omit<Standing, 'state'>][] = [
    ['pending', 'waiting', { attempt: 0, startedAt: null }],
    ['pending', 'delayed', { attempt: 0, startedAt: null }],
    ['pending', 'queued', { attempt: 1, startedAt: null }],
    ['retried', 'queued', { attempt: 2, startedAt: 5 }],
    ['running', 'running', first],
    ['retried', 'running', { attempt: 2, startedAt: 5 }],
    ['success', 'completed', first],
    ['failed', 'dead_letter', first],
    ['error', 'dead_letter', { attempt: 1, startedAt: null }],
    ['failed', 'failed', first],
    ['error', 'failed', { attempt: 1, startedAt: null }],
    ['failed', 'timed_out', first],
    ['error', 'crashed', first],
    ['error', 'system_failed', first],
    ['error', 'canceled', first],
    ['error', 'canceled', { attempt: 0, startedAt: null }],
    ['error', 'expired', { attempt: 1, startedAt: null }],
  ];

  it('is said of every state', () => {
    expect([...new Set(plain.map(([, state]) => state))]).to.have.members([...runStates]);
    for (const [status, state, rest] of plain)
      expect(plainStatus({ state, ...rest }), `${state} ${JSON.stringify(rest)}`).to.equal(status);
  });

  const standing = fc.record({
    state: fc.constantFrom(...runStates),
    attempt: fc.integer({ min: 1, max: 5 }),
    startedAt: fc.option(fc.nat(), { nil: null }),
  });

  it('of a run that was retried is final when both have ended, and then that of the retry', () => {
    fc.assert(
      fc.property(standing, standing, (run, retry) => {
        const status = statusOf(run, retry);
        if (!isTerminal(run.state)) expect(status).to.equal(plainStatus(run));
        else if (isTerminal(retry.state))
          expect(status)
            .to.equal(plainStatus(retry))
            .and.to.be.oneOf([...finals]);
        else expect(status).to.equal('retried');
      }),
    );
  });
});

onBothStores('the executions of a store', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const status = async (id: string) => {
    const run = await known(store.read.runStanding(id));
    return (await executionOf({ store } as never, run)).status;
  };
  const add = (parentRunId?: string) =>
    store.write((tx) =>
      addRun(tx, { maxAttempts: 2, ...(parentRunId !== undefined && { parentRunId, trigger: 'retry' }) }),
    );

  /** Works on whatever comes first in the queue, to its end. */
  async function work(how: 'well' | 'badly', now: number): Promise<string> {
    return store.write(async (tx) => {
      const { run, attempt } = await known(take(tx, now));
      const failure = { reason: how === 'well' ? 'internal' : 'out_of_memory', error: 'no' } as const;
      const change =
        how === 'well'
          ? succeeded(run, attempt, null, nothingDone, now)
          : failed(run, attempt, failure, nothingDone, retryPlanOf({}, 0), now);
      await tx.apply(run, attempt, change, uuid7());
      return run.id;
    });
  }

  it('have the number of their first attempt from its start on, and for ever', async () => {
    const { id } = await add();
    expect((await store.read.runStanding(id))?.firstAttempt).to.equal(null);
    const { attempt } = await store.write((tx) => known(take(tx, 2000)));
    expect((await store.read.runStanding(id))?.firstAttempt).to.equal(attempt.key);
    await store.write(async (tx) => {
      const run = await known(tx.run(id));
      const failure = { reason: 'engine_lost', error: 'gone' } as const;
      await tx.apply(
        run,
        attempt,
        failed(run, attempt, failure, nothingDone, retryPlanOf({}, 0), 3000),
        uuid7(),
      );
    });
    expect(await status(id)).to.equal('retried');
    expect(await store.read.runStanding(id)).to.include({ attempt: 2, firstAttempt: attempt.key });
    await store.write((tx) => tx.openDue(10_000, 10));
    expect(await work('well', 10_000)).to.equal(id);
    expect(await status(id)).to.equal('success');
    expect((await store.read.runStanding(id))?.firstAttempt).to.equal(attempt.key);
  });

  it('that never started have none', async () => {
    const run = await add();
    await store.write(async (tx) => {
      const [attempt] = await tx.attempts(run.id);
      await tx.apply(
        run,
        attempt,
        await known(Promise.resolve(cancelRequested(run, attempt, 2000))),
        uuid7(),
      );
    });
    expect(await store.read.runStanding(run.id)).to.include({ firstAttempt: null, retriedAs: null });
    expect(await status(run.id)).to.equal('error');
  });

  it('that clients retried follow the newest retry, along whole chains', async () => {
    const origin = await add();
    await work('badly', 2000);
    expect(await status(origin.id)).to.equal('failed');
    const older = await add(origin.id);
    const newer = await add(origin.id);
    expect(await status(origin.id)).to.equal('retried');
    await work('well', 2001);
    expect([await status(older.id), await status(origin.id)]).to.deep.equal(['success', 'retried']);
    await work('badly', 2002);
    expect([await status(newer.id), await status(origin.id)]).to.deep.equal(['failed', 'failed']);
    const last = await add(newer.id);
    expect([await status(last.id), await status(newer.id), await status(origin.id)]).to.deep.equal([
      'pending',
      'retried',
      'retried',
    ]);
    await work('well', 2003);
    expect([await status(newer.id), await status(origin.id)]).to.deep.equal(['success', 'success']);
    expect(await status(older.id)).to.equal('success');
  });

  it('that still run show that, whatever their retries do', async () => {
    const { id } = await add();
    await store.write((tx) => known(take(tx, 2000)));
    await add(id);
    expect(await status(id)).to.equal('running');
  });
});
