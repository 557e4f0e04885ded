import { expect } from 'chai';
import type { LogSink } from '../../../builder/model/log.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { build, memoryLog, sharedBed } from './builds.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

describe('building an image on a Docker Engine', () => {
  let engine: Engine;
  let test: TestEngine;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  it('gives the image with its tags, labels and layers', async () => {
    const log = memoryLog();
    const { result, mark } = await build(engine, {
      log,
      dockerfile: 'FROM busybox\nRUN echo hello > /hello\nCOPY a.txt /a.txt\nCMD ["cat", "/hello"]\n',
      files: { 'a.txt': 'x'.repeat(5000) },
      tags: ['acme/app:main', 'acme/app:abc1234'],
      options: { labels: { team: 'blue' } },
    });
    if (!result) throw new Error('the build failed');
    expect(result.id).to.equal(await test.docker('inspect', '-f', '{{.Id}}', 'acme/app:main'));
    expect(result.id).to.equal(await test.docker('inspect', '-f', '{{.Id}}', 'acme/app:abc1234'));
    expect(result.tags).to.deep.equal(['acme/app:main', 'acme/app:abc1234']);
    expect(result.platform).to.match(/^linux\/\w+/);
    expect(result.labels).to.deep.equal({
      team: 'blue',
      'docker-builder.store': mark.store,
      'docker-builder.attempt': mark.attempt,
    });
    expect(log.text('system')).to.include(`is ${result.id.slice(7, 19)} from here on`);
    expect(result.bytes).to.be.greaterThan(5000);
    expect(result.layers).to.have.length(3);
    expect(result.layers[1]).to.deep.equal({ instruction: 'RUN echo hello > /hello', bytes: 6 });
    expect(result.layers[2]?.instruction).to.match(/^COPY file:/);
  });

  it('tells the steps, while they go on and at the end', async () => {
    const log = memoryLog();
    const { result, events } = await build(engine, {
      dockerfile: 'FROM busybox\nARG WHO\nRUN echo "hello $WHO"\n',
      options: { buildArgs: { WHO: 'world' }, noCache: true },
      log,
    });
    if (!result) throw new Error('the build failed');
    expect(result.steps.map(({ number, total }) => `${number}/${total}`)).to.deep.equal(
      [1, 2, 3].map((number) => `${number}/3`),
    );
    expect(result.steps[2]).to.include({ instruction: 'RUN echo "hello $WHO"', cached: false });
    expect(result.steps.every(({ durationMs = -1 }) => durationMs >= 0)).to.equal(true);
    expect(events.map(({ type }) => type)).to.deep.equal(
      result.steps.flatMap(() => ['step:start', 'step:end']),
    );
    expect(log.text('stdout')).to.include('hello world\n');
    expect(log.text('stderr')).to.equal('');
  });

  it('builds up to a target and says which steps came from the cache', async () => {
    const dockerfile = 'FROM busybox AS one\nRUN echo 1 > /cached-step\nFROM one AS two\nRUN false\n';
    await build(engine, { dockerfile, options: { target: 'one' } });
    const { result, fault } = await build(engine, { dockerfile, options: { target: 'one' } });
    expect(fault).to.equal(undefined);
    expect(result?.steps.map(({ cached }) => cached)).to.deep.equal([false, true]);
  });

  it('labels with values that a Dockerfile reads in its own way', async () => {
    const labels = {
      'a.quote': 'say "hi"',
      'b.dollar': '$PATH ${HOME}',
      'c.slash': 'a\\b\\',
      'd.lines': 'one\ntwo',
    };
    const { result, fault } = await build(engine, { dockerfile: 'FROM busybox\n', labels });
    expect(fault).to.equal(undefined);
    expect(result?.labels).to.include({ ...labels, 'd.lines': 'one two' });
  });

  it('tags an image with ONBUILD triggers without setting them off', async () => {
    const log = memoryLog();
    const dockerfile = 'FROM busybox\nONBUILD RUN false\n';
    const { result, fault } = await build(engine, {
      dockerfile,
      tags: ['acme/triggers:1', 'acme/triggers:2'],
      log,
    });
    expect(fault).to.equal(undefined);
    for (const tag of ['1', '2'])
      expect(await test.docker('inspect', '-f', '{{.Id}}', `acme/triggers:${tag}`)).to.equal(result?.id);
    expect(log.text('system')).to.include('ONBUILD');
  });

  it('keeps what a step wrote to stderr apart, in order and without the marks of the engine', async () => {
    const log = memoryLog();
    const dockerfile =
      'FROM busybox\nRUN echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three; printf "10%%\\r20%%\\rdone\\n"\n';
    await build(engine, { dockerfile, log, options: { noCache: true } });
    expect(log.text('stderr')).to.equal('two\n');
    expect(log.text()).to.include('one\ntwo\nthree\ndone\n');
    expect(log.text()).not.to.include('\u001b');
  });

  it('loses no line of a long output and keeps characters whole', async () => {
    const log = memoryLog();
    const dockerfile = 'FROM busybox\nRUN seq 1 200000 | sed "s/$/ ☃ žluťoučký 😀/"\n';
    const { fault } = await build(engine, { dockerfile, log, options: { noCache: true } });
    expect(fault).to.equal(undefined);
    const numbers = log
      .text('stdout')
      .split('\n')
      .filter((line) => /^\d+ /.test(line));
    expect(numbers).to.have.length(200_000);
    expect(numbers.every((line, index) => line.startsWith(`${index + 1} `))).to.equal(true);
    // The engine itself breaks a character where its own buffer of 32 KiB ends; nothing here may add to that.
    expect(numbers.filter((line) => line.endsWith(' ☃ žluťoučký 😀')).length).to.be.greaterThan(199_000);
    expect(log.blocks.length).to.be.lessThan(2000);
  });

  it('is not deceived by a RUN that prints what the engine prints', async () => {
    const lines = [
      'Step 3/3 : RUN fake',
      ' ---> Using cache',
      'Successfully built 0123456789ab',
      '{\\"aux\\":{\\"ID\\":\\"sha256:0\\"}}',
      '{\\"error\\":\\"fake\\"}',
      'Removing intermediate container 0123456789ab',
    ];
    const fakes = lines.map((line) => `echo "${line}"; sleep 0.05`).join('; ');
    const { result, fault } = await build(engine, {
      dockerfile: `FROM busybox\nRUN printf 'Step 3/3 : FAKE'; sleep 0.05; ${fakes}\nRUN echo true-one\n`,
      options: { noCache: true },
    });
    expect(fault).to.equal(undefined);
    expect(result?.steps.map(({ instruction }) => instruction.split(' ')[0])).to.deep.equal([
      'FROM',
      'RUN',
      'RUN',
    ]);
    expect(result?.steps[2]).to.include({ instruction: 'RUN echo true-one', cached: false });
  });

  it('hands limits, network and hosts to the engine', async () => {
    const log = memoryLog();
    const { fault } = await build(engine, {
      dockerfile:
        'FROM busybox\nRUN grep fox /etc/hosts; ls /sys/class/net; df -k /dev/shm | tail -1; cat /proc/self/cgroup\n',
      options: {
        noCache: true,
        networkMode: 'none',
        extraHosts: ['fox:10.1.2.3', 'hen:10.1.2.4'],
        shmBytes: 8 * 1024 * 1024,
        cpus: 0.5,
        memoryBytes: 64 * 1024 * 1024,
      },
      log,
    });
    expect(fault).to.equal(undefined);
    expect(log.text()).to.match(/10\.1\.2\.3\s+fox\nlo\nshm +8192 /);
    expect(log.text()).to.include('/docker-builder/');
  });

  it('waits for a log that is behind, and the step waits too', async () => {
    const gate = Promise.withResolvers<void>();
    let bytes = 0;
    let tail = '';
    let congested: Promise<void> | undefined;
    const log: LogSink = {
      append(_stream, text) {
        bytes += text.length;
        tail = text.slice(-200);
        if (text.includes('xxxx')) congested ??= gate.promise;
      },
      get congested() {
        return congested;
      },
    };
    const dockerfile = `FROM busybox\nRUN yes ${'x'.repeat(99)} | head -n 300000; echo over\n`;
    const running = build(engine, { dockerfile, log, options: { noCache: true } });
    await waitFor('the log is behind', () => congested !== undefined);
    const atFirst = bytes;
    // All 30 MB would come in much less time than three further containers take.
    for (let round = 0; round < 3; round++) await test.docker('run', '--rm', 'busybox', 'true');
    expect(bytes).to.equal(atFirst);
    gate.resolve();
    const { fault } = await running;
    expect(fault).to.equal(undefined);
    expect(bytes).to.be.greaterThan(30_000_000);
    expect(tail).to.include('labelled: ');
  });
});
