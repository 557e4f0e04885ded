import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { sweep } from '../../../builder/steps/engine/sweep.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { build, connect, memoryLog, newMark, sharedBed } from '../engine/builds.ts';
import { allCommandLines } from '../source/workshop.ts';
import { kitBuild } from './kitBuilds.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const sleeper = (seconds: number) => `FROM busybox\nRUN trap "" TERM; echo started; sleep ${seconds}\n`;

describe('stopping a build with BuildKit', () => {
  let engine: Engine;
  let test: TestEngine;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  /** Connections to the engine's socket, and the socket itself. */
  const connections = (): number =>
    readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .filter((line) => line.endsWith(test.socket)).length;

  it('ends with the reason given, when the step, the session and the connection are gone', async () => {
    const before = connections();
    const stop = new AbortController();
    const reason = new BuildFault('timeout', 'the attempt took longer than 1 s');
    const log = memoryLog();
    const running = kitBuild(engine, { dockerfile: sleeper(47_110), log, signal: stop.signal });
    await waitFor('the RUN speaks', () => /^#\d+ started$/m.test(log.text()));
    stop.abort(reason);
    const { fault, leftover, events } = await running;
    expect(fault).to.equal(reason);
    expect(leftover).to.equal(false);
    expect(events.at(-1)?.type).to.equal('step:end');
    await waitFor('the step is gone', () => !allCommandLines().includes('sleep 47110'));
    await waitFor('the connections are closed', () => connections() <= before);
  });

  it('leaves nothing, at whatever moment it comes', async () => {
    const before = connections();
    for (let round = 0; round < 6; round++) {
      const stop = new AbortController();
      const dockerfile = 'FROM busybox\nCOPY . /a\nRUN true\nRUN sleep 47120\n';
      const running = kitBuild(engine, { dockerfile, options: { noCache: true }, signal: stop.signal });
      setTimeout(() => stop.abort(), round * 70);
      expect((await running).fault?.reason).to.equal('canceled');
    }
    await waitFor('the step is gone', () => !allCommandLines().includes('sleep 47120'));
    await waitFor('the connections are closed', () => connections() <= before);
    expect((await kitBuild(engine, { signal: AbortSignal.abort() })).fault?.reason).to.equal('canceled');
  });

  it('removes the image of a failed attempt, and keeps what others made of it', async () => {
    const made = await kitBuild(engine, {
      dockerfile: 'FROM busybox\nENV A=1\n',
      tags: ['acme/kit-swept:1'],
    });
    const again = await kitBuild(engine, {
      dockerfile: 'FROM busybox\nENV B=2\n',
      tags: ['acme/kit-base:1'],
    });
    const derived = await kitBuild(engine, {
      dockerfile: 'FROM acme/kit-base:1\nRUN true\n',
      mark: again.mark,
      tags: ['acme/kit-derived:1'],
    });
    const classic = await build(engine, {
      dockerfile: 'FROM acme/kit-base:1\nENV C=3\n',
      mark: again.mark,
      tags: ['acme/kit-classic:1'],
    });
    const swept = await sweep(engine, made.mark, { images: true });
    expect(swept.images).to.deep.equal([made.result?.id]);

    // A stranger's, with the labels inherited: by each of the builders, and under a name of ours.
    const stranger = newMark();
    await kitBuild(engine, {
      dockerfile: 'FROM busybox\nENV D=4\n',
      mark: stranger,
      tags: ['acme/kit-theirs:1'],
    });
    const container = await test.docker('create', 'acme/kit-theirs:1', 'true');
    const theirs = await test.docker('commit', '-c', 'ENV E=5', container, 'acme/kit-theirs:1');
    await test.docker('rm', container);

    const { images, imagesInUse } = await sweep(engine, again.mark, { images: true });
    expect(images).to.have.members([derived.result?.id, classic.result?.id]);
    // The layer that the classic build cached is made of it.
    expect(imagesInUse).to.deep.equal([again.result?.id]);
    await sweep(engine, stranger, { images: true });
    expect(await test.docker('inspect', '-f', '{{.Id}}', 'acme/kit-theirs:1')).to.equal(theirs);
  });
});

describe('an engine that dies during a build with BuildKit', () => {
  let test: TestEngine;
  let engine: Engine;

  before(async () => {
    test = await startEngine();
    await importBusybox(test);
    engine = connect(test);
  });
  after(() => test.close());

  it('is lost, by force or in good order, and somebody is told to look after it', async () => {
    for (const end of [test.stop, test.kill]) {
      const log = memoryLog();
      const running = kitBuild(engine, { dockerfile: sleeper(47_130), log });
      await waitFor('the RUN speaks', () => /^#\d+ started$/m.test(log.text()));
      await end();
      const { fault, leftover } = await running;
      expect(fault).to.include({ reason: 'engine_lost', retryable: true });
      expect(leftover).to.equal(true);
      await test.restart();
    }
  });

  it('does not hold a canceled build for ever while it is silent', async () => {
    const stop = new AbortController();
    const log = memoryLog();
    const order = { dockerfile: sleeper(47_140), log, signal: stop.signal, goneTimeoutMs: 300 };
    const running = kitBuild(engine, order);
    await waitFor('the RUN speaks', () => /^#\d+ started$/m.test(log.text()));
    test.freeze();
    stop.abort();
    const { fault, leftover } = await running;
    test.thaw();
    expect(fault?.reason).to.equal('canceled');
    expect(leftover).to.equal(true);
    await waitFor('the step is gone', () => !allCommandLines().includes('sleep 47140'));
  });
});
