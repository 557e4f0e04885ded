import { expect } from 'chai';
import { removeContainers } from '../../../builder/runContainer.ts';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import { containerName } from '../../../builder/steps/engine/labels.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { type CuttingProxy, startCuttingProxy } from '../../server/store/cuttingProxy.ts';
import { connect, memoryLog, newMark, sharedBed } from '../engine/builds.ts';
import { runOne, type RunOrder, type RunOutcome, stopper } from './runs.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const count = 300;
// Both streams, lines in two pieces, blank ones, and one without an end.
const numbered = `i=0
while [ $i -lt ${count} ]; do i=$((i+1)); echo "err $i" >&2; printf "half $i"; [ $((i%10)) = 0 ] && sleep 0.02
echo " whole"; [ $((i%7)) = 0 ] && echo; done; printf last`;
const numbers = Array.from({ length: count }, (_, i) => i + 1);
const expected = {
  stdout: `${numbers.map((i) => `half ${i} whole\n${i % 7 === 0 ? '\n' : ''}`).join('')}last\n`,
  stderr: numbers.map((i) => `err ${i}\n`).join(''),
};
const output = ({ log }: RunOutcome) => ({ stdout: log.text('stdout'), stderr: log.text('stderr') });

describe('A container that a successor takes over', () => {
  let engine: Engine;
  let test: TestEngine;
  before(async () => ({ engine, test } = await sharedBed()));

  /** Lets it go when the wait is over, where it has not ended. */
  async function forAWhile(waitMs: number, order: RunOrder): Promise<RunOutcome> {
    const { signal, stop } = stopper();
    const timer = setTimeout(() => stop('lost'), waitMs);
    const outcome = await runOne(engine, { ...order, signal, keep: true });
    clearTimeout(timer);
    return outcome;
  }

  /** Hands it from one to the next until somebody sees its end. */
  async function inTurns(waitMs: () => number, order: RunOrder): Promise<RunOutcome> {
    const common = { ...order, mark: newMark(), log: memoryLog() };
    let takeOver = false;
    try {
      for (;;) {
        const outcome = await forAWhile(waitMs(), { ...common, takeOver });
        // Where there was nothing to be taken over yet, the next one begins.
        takeOver = outcome.fault?.reason === 'lost';
        if (outcome.result || (outcome.fault && !takeOver)) return outcome;
      }
    } finally {
      await removeContainers(engine, common.mark);
    }
  }

  it('has every line once, wherever it changed hands', async () => {
    const rounds = Array.from({ length: 5 }, async () => {
      const used: number[] = [];
      const next = (): number => {
        used.push(used.length < 40 ? Math.round(Math.random() * 600) : 60_000);
        return used.at(-1) ?? 0;
      };
      const outcome = await inTurns(next, { script: numbered });
      expect(outcome.fault, used.join()).to.equal(undefined);
      expect(output(outcome), used.join()).to.deep.equal(expected);
      expect(outcome.log.text('system')).to.equal('');
    });
    await Promise.all(rounds);
  });

  it('has its end known also where it ended unseen', async () => {
    const order = { script: 'echo {}; sleep 0.3; echo [1]', mark: newMark(), log: memoryLog() };
    const outcome = await watched('{}', order);
    expect(outcome.fault).to.include({ reason: 'lost' });
    await waitFor('it has ended', async () => (await stateOf(order.mark)) === 'exited');
    const taken = await runOne(engine, { ...order, takeOver: true, result: 'last_line' });
    expect(taken.result?.output).to.equal('[1]');
    expect(taken.log.text('stdout')).to.equal('{}\n[1]\n');
    const [start] = taken.events;
    expect(start).to.include({ type: 'phase:start', phase: 'build' });
  });

  it('fails as it would have', async () => {
    const order = { script: 'echo on; sleep 0.3; exit 4', mark: newMark(), log: memoryLog() };
    await watched('on', order);
    const { fault } = await runOne(engine, { ...order, takeOver: true });
    expect(fault).to.include({ reason: 'command_failed', exitCode: 4 });
  });

  it('is started where that was still to be done, with its message by whatever way', async () => {
    const both = (['file', 'stdin'] as const).map(async (way) => {
      const message = { name: 'M', text: 'hello', way };
      const order = { script: 'cat $M_FILE', message, mark: newMark(), log: memoryLog() };
      await leaveCreated(order);
      const { result, log } = await runOne(engine, { ...order, takeOver: true });
      expect(result, way).to.not.equal(undefined);
      expect(log.text('stdout')).to.equal('hello\n');
    });
    await Promise.all(both);
  });

  it('is not there', async () => {
    const { result, fault, leftover } = await runOne(engine, { script: 'true', takeOver: true });
    expect({ result, fault, leftover }).to.deep.equal({
      result: undefined,
      fault: undefined,
      leftover: false,
    });
  });

  it('says so where the engine no longer has its beginning', async () => {
    const order = { script: 'echo new 1; sleep 0.3; echo new 2', mark: newMark() };
    await watched('new 1', { ...order, log: memoryLog() });
    const newestAt = Date.now() - 60_000;
    const seen = { stdout: 2, stderr: 0, bytes: 12, newestAt, oldestAt: newestAt - 60_000 };
    const { fault, log } = await runOne(engine, { ...order, seen, takeOver: true });
    expect(fault).to.equal(undefined);
    expect(log.text('stdout')).to.equal('new 1\nnew 2\n');
    expect(log.text('system')).to.contain('no longer has all of the output');
  });

  it('can be stopped by its successor', async () => {
    const script = 'echo on; while true; do sleep 0.1; echo more; done';
    const order = { script, mark: newMark(), log: memoryLog(), stopGraceMs: 0 };
    await watched('on', order);
    const had = order.log.text().length;
    const { signal, stop } = stopper();
    const taken = runOne(engine, { ...order, takeOver: true, signal, keep: true });
    await waitFor('its successor reads', () => order.log.text().length > had);
    stop('canceled');
    expect((await taken).fault).to.include({ reason: 'canceled' });
    expect(await test.docker('ps', '-aq', '--filter', `name=${containerName(order.mark)}`)).to.equal('');
  });

  /** Lets it go as soon as it has written a text. */
  async function watched(text: string, order: RunOrder): Promise<RunOutcome> {
    const { signal, stop } = stopper();
    const log = order.log ?? memoryLog();
    const running = runOne(engine, { ...order, log, signal, keep: true });
    await waitFor(`it says ${text}`, () => log.text('stdout').includes(text));
    stop('lost');
    return running;
  }

  /** Lets it go when it is made and not started. */
  async function leaveCreated(order: RunOrder): Promise<void> {
    const { signal, stop } = stopper();
    const held: Engine = {
      ...engine,
      call: (call) => {
        if (call.path.endsWith('/start')) stop('lost');
        return call.path.endsWith('/start') ? new Promise<never>(() => undefined) : engine.call(call);
      },
    };
    await runOne(held, { ...order, signal, keep: true });
  }

  const stateOf = (mark: { attempt: string }): Promise<string> =>
    test.docker('inspect', '-f', '{{.State.Status}}', containerName(mark));
});

/** Cancels a container on an engine that says nothing any more. */
async function stoppedOnFrozen(test: TestEngine): Promise<RunOutcome> {
  const { signal, stop } = stopper();
  const log = memoryLog();
  const order = { script: 'echo on; sleep 60', stopGraceMs: 0, goneTimeoutMs: 300, signal, log, keep: true };
  const running = runOne(connect(test), order);
  await waitFor('it runs', () => log.text('stdout').includes('on'));
  test.freeze();
  stop('canceled');
  return running.finally(() => test.thaw());
}

describe('A container on an engine', () => {
  it('goes on where its connections break, and has every line once', async () => {
    const { test } = await sharedBed();
    const proxy: CuttingProxy = await startCuttingProxy(test.socket);
    const address = { kind: 'tcp', host: '127.0.0.1', port: proxy.port } as const;
    const engine = connectEngine({ name: 'behind', address });
    const timer = setInterval(() => proxy.cut(), 250);
    try {
      const outcome = await runOne(connectEngine({ name: 'behind', address }), {
        script: numbered,
        keep: true,
      });
      expect(outcome.fault).to.equal(undefined);
      expect(output(outcome)).to.deep.equal(expected);
      clearInterval(timer);
      await removeContainers(engine, outcome.mark);
    } finally {
      clearInterval(timer);
      await proxy.close();
    }
  });

  it('may close its output and go on', async () => {
    const { test } = await sharedBed();
    const script = 'echo on; exec >&- 2>&-; sleep 1.5; exit 3';
    const { fault, log } = await runOne(connect(test), { script });
    expect(fault).to.include({ reason: 'command_failed', exitCode: 3 });
    expect(log.text()).to.equal('on\n');
  });

  it('is lost where the engine is killed, gone where it is back, and left over where that does not answer', async () => {
    const test = await startEngine();
    try {
      await importBusybox(test);
      const log = memoryLog();
      const running = runOne(connect(test), { script: 'echo on; sleep 60', log });
      await waitFor('it runs', () => log.text('stdout').includes('on'));
      await test.restart();
      const { fault } = await running;
      expect(fault).to.include({ reason: 'engine_lost', retryable: true });
      expect(await test.docker('ps', '-aq')).to.equal('');

      const frozen = await stoppedOnFrozen(test);
      expect(frozen.fault).to.include({ reason: 'canceled' });
      expect(frozen.leftover).to.equal(true);
    } finally {
      await test.close();
    }
  });
});
