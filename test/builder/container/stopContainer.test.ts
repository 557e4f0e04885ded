import { expect } from 'chai';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { memoryLog, sharedBed } from '../engine/builds.ts';
import { containerName } from '../../../builder/steps/engine/labels.ts';
import { runOne, type RunOrder, stopper } from './runs.ts';
import { newMark } from '../engine/builds.ts';
import type { Reason } from '../../../builder/model/faults.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

describe('A container that is stopped', () => {
  let engine: Engine;
  let test: TestEngine;
  before(async () => ({ engine, test } = await sharedBed()));

  const isThere = async (attempt: string): Promise<boolean> =>
    (await test.docker('ps', '-aq', '--filter', `name=${containerName({ attempt })}`)) !== '';

  /** Stops it as soon as it has said `ready`. */
  async function stopped(reason: Reason, order: RunOrder) {
    const { signal, stop } = stopper();
    const log = memoryLog();
    const mark = newMark();
    const running = runOne(engine, { ...order, signal, log, mark, keep: true });
    await waitFor('it is ready', () => log.text('stdout').includes('ready'));
    stop(reason);
    const outcome = await running;
    return { ...outcome, isLeft: await isThere(mark.attempt) };
  }

  it('gets TERM first, and its last words are in the log', async () => {
    const script = 'trap "echo bye; exit 0" TERM; echo ready; while true; do sleep 0.05; done';
    const { fault, log, isLeft, leftover } = await stopped('timeout', { script, stopGraceMs: 10_000 });
    expect(fault).to.include({ reason: 'timeout' });
    expect(log.text('stdout')).to.equal('ready\nbye\n');
    expect({ isLeft, leftover }).to.deep.equal({ isLeft: false, leftover: false });
  });

  it('gets KILL where it does not listen', async () => {
    const script = 'trap "" TERM; echo ready; while true; do sleep 0.05; done';
    const { fault, events, isLeft } = await stopped('canceled', { script, stopGraceMs: 1000 });
    expect(fault).to.include({ reason: 'canceled' });
    expect(events.at(-1)).to.include({ phase: 'build', exitCode: 137 });
    expect(isLeft).to.equal(false);
  });

  it('leaves no volume', async () => {
    const volumes = await test.docker('volume', 'ls', '-q');
    const message = { name: 'M', text: 'x', way: 'file' } as const;
    await stopped('canceled', { script: 'echo ready; sleep 60', message, stopGraceMs: 0 });
    expect(await test.docker('volume', 'ls', '-q')).to.equal(volumes);
  });

  it('is lost where somebody else removes it, which is no fault of the engine', async () => {
    const log = memoryLog();
    const mark = newMark();
    const running = runOne(engine, { script: 'echo ready; sleep 60', log, mark });
    await waitFor('it is ready', () => log.text('stdout').includes('ready'));
    await test.docker('rm', '--force', containerName(mark));
    const { fault, leftover } = await running;
    expect(fault).to.include({ reason: 'container_lost', retryable: true });
    expect(leftover).to.equal(false);
  });

  it('goes on where another is to have it', async () => {
    const both = (['lost', 'released'] as const).map(async (reason) => {
      const { fault, mark, events, isLeft } = await stopped(reason, { script: 'echo ready; sleep 60' });
      expect(fault).to.include({ reason });
      expect(events.at(-1)).to.include({ type: 'phase:start', phase: 'build' });
      expect(isLeft).to.equal(true);
      expect(await test.docker('inspect', '-f', '{{.State.Running}}', containerName(mark))).to.equal('true');
      await test.docker('rm', '-fv', containerName(mark));
    });
    await Promise.all(both);
  });

  it('is not there where it was stopped before it could begin, or at any moment', async () => {
    const all = Array.from({ length: 5 }, async (_, i) => {
      const waitMs = i * 60;
      const { signal, stop } = stopper();
      const timer = setTimeout(() => stop('canceled'), waitMs);
      const mark = newMark();
      const { fault, leftover } = await runOne(engine, {
        script: 'sleep 60',
        stopGraceMs: 0,
        signal,
        mark,
        keep: true,
      });
      clearTimeout(timer);
      expect(fault).to.include({ reason: 'canceled' });
      expect(leftover).to.equal(false);
      expect(await isThere(mark.attempt), `after ${waitMs} ms`).to.equal(false);
    });
    await Promise.all(all);
    const { signal, stop } = stopper();
    stop('timeout');
    const { fault, mark } = await runOne(engine, { script: 'true', signal, keep: true });
    expect(fault).to.include({ reason: 'timeout' });
    expect(await isThere(mark.attempt)).to.equal(false);
  });
});
