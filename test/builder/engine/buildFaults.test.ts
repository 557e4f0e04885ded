import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { BuildFault, type Reason } from '../../../builder/model/faults.ts';
import type { ImageOptions } from '../../../builder/model/spec.ts';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { build, connect, contextOf, memoryLog, sharedBed } from './builds.ts';

interface Case {
  name: string;
  dockerfile?: string;
  options?: ImageOptions;
  tags?: string[];
  reason: Reason;
  says: RegExp;
  exitCode?: number;
}

const cases: Case[] = [
  {
    name: 'a RUN that fails',
    dockerfile: 'FROM busybox\nRUN echo so long && exit 3\nRUN echo never\n',
    reason: 'build_step_failed',
    says: /^step 2\/3 \(RUN echo so long && exit 3\) failed with exit code 3$/,
    exitCode: 3,
  },
  {
    name: 'a RUN whose command speaks of a full disk',
    dockerfile: 'FROM busybox\nRUN false "no space left on device"\n',
    reason: 'build_step_failed',
    says: /exit code 1$/,
    exitCode: 1,
  },
  {
    name: 'a RUN that filled a disk, as its output says',
    dockerfile: 'FROM busybox\nRUN dd if=/dev/zero of=/dev/shm/big bs=1M count=200\n',
    reason: 'build_step_failed',
    says: /exit code 1; its output says "no space left on device", so the engine's disk may be full$/,
    exitCode: 1,
  },
  {
    name: 'a RUN that was killed, though not for its memory',
    dockerfile: 'FROM busybox\nRUN exit 137\n',
    reason: 'build_step_failed',
    says: /exit code 137$/,
    exitCode: 137,
  },
  {
    name: 'a COPY of nothing',
    dockerfile: 'FROM busybox\nCOPY nothing /\n',
    reason: 'build_step_failed',
    says: /^step 2\/2 \(COPY nothing \/\) failed: COPY failed: .*nothing/,
  },
  {
    name: 'a RUN that passes the memory limit',
    dockerfile: 'FROM busybox\nRUN tail /dev/zero\n',
    options: { memoryBytes: 16 * 1024 * 1024, memorySwapBytes: 16 * 1024 * 1024 },
    reason: 'out_of_memory',
    says: /passed the memory limit/,
    exitCode: 137,
  },
  {
    name: 'a program inside a RUN that passes the memory limit',
    dockerfile: 'FROM busybox\nRUN tail /dev/zero || { sleep 1; exit 2; }\n',
    options: { memoryBytes: 16 * 1024 * 1024, memorySwapBytes: 16 * 1024 * 1024 },
    reason: 'build_step_failed',
    says: /exit code 2; the engine had killed a process/,
    exitCode: 2,
  },
  {
    name: 'an unknown instruction',
    dockerfile: 'FROM busybox\nHOP\n',
    reason: 'dockerfile_invalid',
    says: /line 2.*HOP/,
  },
  { name: 'an empty Dockerfile', dockerfile: '\n', reason: 'dockerfile_invalid', says: /no instructions/ },
  { name: 'no Dockerfile', reason: 'dockerfile_missing', says: /Dockerfile/ },
  {
    name: 'an unknown target',
    dockerfile: 'FROM busybox AS one\n',
    options: { target: 'two' },
    reason: 'build_invalid',
    says: /two/,
  },
  {
    name: 'a bad tag',
    dockerfile: 'FROM busybox\n',
    tags: ['A:b:c'],
    reason: 'build_invalid',
    says: /reference format/,
  },
  {
    name: 'an unknown network',
    dockerfile: 'FROM busybox\nRUN true\n',
    options: { networkMode: 'nowhere', noCache: true },
    reason: 'build_invalid',
    says: /nowhere/,
  },
  {
    name: 'a base image that no registry has',
    dockerfile: 'FROM registry.invalid/no/such:1\n',
    reason: 'base_image_not_found',
    says: /^step 1\/1 \(FROM registry\.invalid\/no\/such:1\) failed: /,
  },
  {
    name: 'a base image whose name is not valid',
    dockerfile: 'FROM Not/Valid:1\n',
    reason: 'dockerfile_invalid',
    says: /reference format/,
  },
];

describe('a build that fails on the engine', () => {
  let engine: Engine;
  let test: TestEngine;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  for (const { name, dockerfile, options, tags, reason, says, exitCode } of cases) {
    it(`says ${reason} for ${name}`, async () => {
      const { fault, leftover, events } = await build(engine, {
        ...(dockerfile !== undefined ? { dockerfile } : { files: { other: 'x' } }),
        ...(options && { options }),
        ...(tags && { tags }),
      });
      expect(fault?.reason).to.equal(reason);
      expect(fault?.message).to.match(says);
      expect(fault?.exitCode).to.equal(exitCode);
      expect(leftover).to.equal(false);
      expect(events.filter(({ type }) => type === 'step:start')).to.have.length(events.length / 2);
      expect(await test.docker('ps', '-aq')).to.equal('');
    });
  }

  it('says why the engine refused, also where the context was still on its way', async () => {
    const context = contextOf({
      Dockerfile: 'FROM busybox\n',
      ballast: randomBytes(20_000_000).toString('hex'),
    });
    const { fault } = await build(engine, { context, tags: ['A:b:c'] });
    expect(fault).to.include({ reason: 'build_invalid' });
    expect(context.destroyed).to.equal(true);
  });

  it('never sends a broken context as if it were whole', async () => {
    const whole = contextOf({ Dockerfile: 'FROM busybox\n', a: 'a'.repeat(100_000) });
    const context = new PassThrough();
    const wanted = new BuildFault('context_too_large', 'the context is too large');
    for await (const chunk of whole) context.write(chunk);
    setTimeout(() => context.destroy(wanted), 20);
    const { fault, result } = await build(engine, { context });
    expect(result).to.equal(undefined);
    expect(fault).to.equal(wanted);
  });

  it('notices a context that stops without an end', async () => {
    const context = new PassThrough();
    context.write(Buffer.alloc(4096));
    setTimeout(() => context.destroy(), 20);
    const { fault } = await build(engine, { context });
    expect(fault).to.include({ reason: 'context_invalid' });
  });

  it('says engine_unreachable where there is no engine', async () => {
    const nobody = [
      { kind: 'socket', path: '/nowhere/docker.sock' } as const,
      { kind: 'tcp', host: '127.0.0.1', port: 1 } as const,
      { kind: 'tcp', host: 'no.such.host.invalid', port: 2375 } as const,
    ];
    for (const address of nobody) {
      const { fault, leftover } = await build(connectEngine({ name: 'away', address }), {
        dockerfile: 'FROM busybox\n',
      });
      expect(fault).to.include({ reason: 'engine_unreachable', retryable: true });
      expect(fault?.message).to.match(/^the engine away cannot be reached: /);
      expect(leftover).to.equal(false);
    }
  });
});

describe('a build on an engine whose disk is full', () => {
  let test: TestEngine;

  before(async () => {
    test = await startEngine({ diskBytes: 48_000_000 });
    await importBusybox(test);
  });
  after(() => test.close());

  it('says disk_full', async () => {
    const files = { ballast: randomBytes(30_000_000).toString('latin1') };
    const log = memoryLog();
    const { fault } = await build(connect(test), {
      dockerfile: 'FROM busybox\nCOPY ballast /\nCOPY ballast /2\n',
      files,
      log,
    });
    expect(fault).to.include({ reason: 'disk_full', retryable: false });
  });
});
