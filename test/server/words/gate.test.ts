import { expect } from 'chai';
import fc from 'fast-check';
import {
  isLaneFree,
  isLimited,
  isQueueOpen,
  jobGate,
  limitsOf,
  type JobFacts,
} from '../../../server/words/gate.ts';

const facts: JobFacts = { enabled: true, paused: false, running: 0, maxConcurrency: 0, budgets: [] };
const shut = { open: false, reopensAt: null };
const wide = { open: true, reopensAt: null };

describe('the gate of a job', () => {
  it('is open where nothing is limited, however much runs', () => {
    expect(jobGate({ ...facts, running: 1000 }, 5)).to.deep.equal(wide);
  });

  it('is closed while the job is disabled, paused or full, and time does not open it', () => {
    const budgets = [{ windowMs: 10, decidingStart: 0 }];
    expect(jobGate({ ...facts, enabled: false, budgets }, 5)).to.deep.equal(shut);
    expect(jobGate({ ...facts, paused: true, budgets }, 5)).to.deep.equal(shut);
    expect(jobGate({ ...facts, maxConcurrency: 2, running: 2, budgets }, 5)).to.deep.equal(shut);
    expect(jobGate({ ...facts, maxConcurrency: 2, running: 3 }, 5)).to.deep.equal(shut);
    expect(jobGate({ ...facts, maxConcurrency: 2, running: 1 }, 5)).to.deep.equal(wide);
  });

  it('is closed while a budget is used up, until the last of them has room again', () => {
    const budgets = [
      { windowMs: 10, decidingStart: 100 },
      { windowMs: 50, decidingStart: 90 },
      { windowMs: 1000, decidingStart: undefined },
    ];
    expect(jobGate({ ...facts, budgets }, 105)).to.deep.equal({ open: false, reopensAt: 140 });
    expect(jobGate({ ...facts, budgets }, 139)).to.deep.equal({ open: false, reopensAt: 140 });
    expect(jobGate({ ...facts, budgets }, 140)).to.deep.equal(wide);
  });

  it('counts a start that lies ahead, because the clock was set back', () => {
    const budgets = [{ windowMs: 10, decidingStart: 100 }];
    expect(jobGate({ ...facts, budgets }, 50)).to.deep.equal({ open: false, reopensAt: 110 });
  });

  it('never lets more start in a window than the budget has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(30), { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (pauses, max, windowMs) => {
          const starts: number[] = [];
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            const budgets = [{ windowMs, decidingStart: starts.at(-max) }];
            const gate = jobGate({ ...facts, budgets }, now);
            const inWindow = starts.filter((start) => start > now - windowMs).length;
            expect(gate.open).to.equal(inWindow < max);
            if (gate.open) starts.push(now);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('limits', () => {
  it('are off where a definition says nothing or 0', () => {
    const off = { maxConcurrency: 0, maxConcurrencyPerKey: 0, rateLimitKeys: [] };
    expect(limitsOf({})).to.deep.equal(off);
    for (const [max, windowSecs] of [
      [0, 5],
      [5, 0],
    ] as const)
      expect(limitsOf({ rateLimitKeys: [{ name: 'a', max, windowSecs }] })).to.deep.equal(off);
    const job = { enabled: true, paused: false, definition: {} };
    expect(isLimited(job)).to.equal(false);
    expect(isLimited({ ...job, enabled: false })).to.equal(true);
    expect(isLimited({ ...job, paused: true })).to.equal(true);
    expect(isLimited({ ...job, definition: { maxConcurrency: 1 } })).to.equal(true);
    expect(isLimited({ ...job, definition: { maxConcurrencyPerKey: 1 } })).to.equal(true);
    const rateLimitKeys = [{ name: 'a', max: 1, windowSecs: 5 }];
    expect(isLimited({ ...job, definition: { rateLimitKeys } })).to.equal(true);
  });

  it('let no two run of a key whose newest run is the one that counts', () => {
    const newest = { supersedePolicy: 'keep_newest_queued', maxConcurrencyPerKey: 5 } as const;
    expect(limitsOf(newest).maxConcurrencyPerKey).to.equal(1);
    expect(limitsOf({ ...newest, supersedePolicy: 'queue' }).maxConcurrencyPerKey).to.equal(5);
  });

  it('of a key count what runs of that key', () => {
    const two = limitsOf({ maxConcurrencyPerKey: 2 });
    expect([0, 1, 2, 3].map((running) => isLaneFree(running, two))).to.deep.equal([true, true, false, false]);
    expect(isLaneFree(9, limitsOf({}))).to.equal(true);
  });

  it('of a queue count what runs in it, and let nothing start while it is paused', () => {
    const queue = { paused: false, running: 1, maxRunning: 1 };
    expect(isQueueOpen(queue)).to.equal(false);
    expect(isQueueOpen({ ...queue, maxRunning: 2 })).to.equal(true);
    expect(isQueueOpen({ ...queue, maxRunning: null })).to.equal(true);
    expect(isQueueOpen({ ...queue, maxRunning: null, paused: true })).to.equal(false);
    expect(isQueueOpen({ ...queue, running: 0, maxRunning: 0 })).to.equal(false);
  });
});
