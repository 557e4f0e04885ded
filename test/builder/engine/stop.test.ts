import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { findAttempts, sweep } from '../../../builder/steps/engine/sweep.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { build, connect, memoryLog, newMark, sharedBed } from './builds.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const sleeper = 'FROM busybox\nRUN trap "" TERM; echo started; sleep 600\n';

describe('stopping a build', () => {
  let engine: Engine;
  let test: TestEngine;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  it('ends with the reason given, when the RUN container is gone', async () => {
    const stop = new AbortController();
    const reason = new BuildFault('timeout', 'the attempt took longer than 1 s');
    const log = memoryLog();
    const running = build(engine, { dockerfile: sleeper, log, signal: stop.signal });
    await waitFor('the RUN speaks', () => log.text().includes('started\n'));
    expect(await test.docker('ps', '-q')).not.to.equal('');
    stop.abort(reason);
    const { fault, leftover, events } = await running;
    expect(fault).to.equal(reason);
    expect(leftover).to.equal(false);
    expect(events.at(-1)?.type).to.equal('step:end');
    expect(await test.docker('ps', '-aq')).to.equal('');
  });

  it('leaves no container, at whatever moment it comes', async () => {
    for (let round = 0; round < 6; round++) {
      const stop = new AbortController();
      const running = build(engine, {
        dockerfile: 'FROM busybox\nRUN true\nRUN true\nRUN sleep 600\n',
        options: { noCache: true },
        signal: stop.signal,
      });
      setTimeout(() => stop.abort(), 15 + round * 60);
      const { fault } = await running;
      expect(fault?.reason).to.equal('canceled');
      expect(await test.docker('ps', '-aq')).to.equal('');
    }
  });

  it('ends while the context is sent, and ends its source', async () => {
    const stop = new AbortController();
    const context = new PassThrough();
    context.write(Buffer.alloc(64 * 1024));
    const running = build(engine, { context, signal: stop.signal });
    await waitFor('the engine reads', () => context.readableLength === 0);
    stop.abort();
    expect((await running).fault?.reason).to.equal('canceled');
    expect(context.destroyed).to.equal(true);
  });

  it('does nothing where it was stopped before', async () => {
    const context = new PassThrough();
    const { fault, leftover } = await build(engine, { context, signal: AbortSignal.abort() });
    expect(fault?.reason).to.equal('canceled');
    expect(leftover).to.equal(false);
    expect(context.destroyed).to.equal(true);
  });

  it('ends although the log is behind for ever', async () => {
    const stop = new AbortController();
    const never = new Promise<void>(() => undefined);
    const { append, blocks } = memoryLog();
    const log = {
      append,
      get congested() {
        return blocks.length > 0 ? never : undefined;
      },
    };
    const running = build(engine, { dockerfile: sleeper, log, signal: stop.signal });
    await waitFor('the log got something', () => blocks.length > 0);
    stop.abort();
    expect((await running).fault?.reason).to.equal('canceled');
  });
});

describe('an engine that dies during a build', () => {
  let test: TestEngine;
  let engine: Engine;

  before(async () => {
    test = await startEngine();
    await importBusybox(test);
    engine = connect(test);
  });
  after(() => test.close());

  it('is lost, and what the build left goes when the engine is back', async () => {
    const mark = newMark();
    const log = memoryLog();
    const running = build(engine, { dockerfile: sleeper, mark, log });
    await waitFor('the RUN speaks', () => log.text().includes('started\n'));
    await test.kill();
    const { fault, leftover } = await running;
    expect(fault).to.include({ reason: 'engine_lost', retryable: true });
    expect(leftover).to.equal(true);

    await test.restart();
    expect(await findAttempts(engine, mark.store)).to.deep.equal([mark.attempt]);
    const { containers } = await sweep(engine, mark, { images: false });
    expect(containers).to.have.length(1);
    expect(await test.docker('ps', '-aq')).to.equal('');
    expect(await findAttempts(engine, mark.store)).to.deep.equal([]);
  });

  it('is lost as well when it is shut down in good order', async () => {
    const log = memoryLog();
    const dockerfile = 'FROM busybox\nRUN trap "exit 143" TERM; echo started; sleep 600 & wait\n';
    const running = build(engine, { dockerfile, log });
    await waitFor('the RUN speaks', () => log.text().includes('started\n'));
    await test.stop();
    expect((await running).fault?.reason).to.equal('engine_lost');
    await test.restart();
  });

  it('does not hold a canceled build for ever while it is silent', async () => {
    const stop = new AbortController();
    const log = memoryLog();
    const running = build(engine, { dockerfile: sleeper, log, signal: stop.signal, goneTimeoutMs: 300 });
    await waitFor('the RUN speaks', () => log.text().includes('started\n'));
    test.freeze();
    stop.abort();
    const { fault, leftover, mark } = await running;
    test.thaw();
    expect(fault?.reason).to.equal('canceled');
    expect(leftover).to.equal(true);
    await waitFor('the container is gone', async () => (await findAttempts(engine, mark.store)).length === 0);
  });
});
