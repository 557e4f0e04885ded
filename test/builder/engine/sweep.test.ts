import { expect } from 'chai';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { findAttempts, sweep } from '../../../builder/steps/engine/sweep.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { build, newMark, sharedBed } from './builds.ts';

describe('sweeping an engine', () => {
  let engine: Engine;
  let test: TestEngine;
  const mine = newMark();
  const other = { store: mine.store, attempt: newMark().attempt };

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  afterEach(async () => {
    const containers = (await test.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (containers.length > 0) await test.docker('rm', '-f', '-v', ...containers);
  });

  const labels = ({ store, attempt }: typeof mine) => [
    `--label=docker-builder.store=${store}`,
    `--label=docker-builder.attempt=${attempt}`,
  ];

  it('removes the containers of its attempt and no others', async () => {
    const cgroup = `/docker-builder/${mine.store}/${mine.attempt}`;
    const byCgroup = await test.docker('create', '--cgroup-parent', cgroup, 'busybox', 'true');
    const byLabel = await test.docker(
      'run',
      '-d',
      ...labels(mine),
      '-v',
      '/anonymous',
      'busybox',
      'sleep',
      '600',
    );
    const sibling = await test.docker('create', ...labels(other), 'busybox', 'true');
    const stranger = await test.docker('create', ...labels(newMark()), '-v', 'kept:/v', 'busybox', 'true');
    const plain = await test.docker('create', 'busybox', 'true');
    expect(await findAttempts(engine, mine.store)).to.have.members([mine.attempt, other.attempt]);

    const report = await sweep(engine, mine, { images: true });

    expect(report.containers).to.have.members([byCgroup, byLabel]);
    const left = (await test.docker('ps', '-aq', '--no-trunc')).split('\n');
    expect(left).to.have.members([sibling, stranger, plain]);
    expect(await test.docker('volume', 'ls', '-q')).to.equal('kept');
    expect(await findAttempts(engine, mine.store)).to.deep.equal([other.attempt]);
    expect(await sweep(engine, mine, { images: true })).to.deep.equal({
      containers: [],
      images: [],
      imagesInUse: [],
    });
  });

  it('removes the images of its attempt, and keeps the cache and what others made of them', async () => {
    const dockerfile = 'FROM busybox\nRUN echo base > /base\n';
    const made = await build(engine, { dockerfile, mark: newMark(), tags: ['acme/one:1', 'acme/one:2'] });
    const kept = await build(engine, {
      dockerfile,
      mark: { ...made.mark, attempt: other.attempt },
      tags: ['acme/kept:1'],
    });
    const used = await build(engine, { dockerfile, mark: newMark(), tags: ['acme/used:1'] });
    const derived = await build(engine, {
      dockerfile: 'FROM acme/used:1\nRUN echo more > /more\n',
      mark: newMark(),
    });
    await test.docker('create', '--name', 'user', 'acme/used:1', 'true');

    const report = await sweep(engine, made.mark, { images: true });
    expect(report.images).to.deep.equal([made.result?.id]);
    expect(await test.docker('images', '-q', 'acme/one')).to.equal('');
    expect(await test.docker('images', '-q', 'acme/kept')).not.to.equal('');
    expect(kept.result?.steps[1]?.cached).to.equal(true);
    const again = await build(engine, { dockerfile, mark: newMark() });
    expect(again.result?.steps[1]?.cached).to.equal(true);

    expect(await sweep(engine, used.mark, { images: true })).to.deep.equal({
      containers: [],
      images: [],
      imagesInUse: [used.result?.id],
    });
    expect(await test.docker('inspect', '-f', '{{.Id}}', derived.result?.id ?? '')).to.equal(
      derived.result?.id,
    );
    expect(await test.docker('ps', '-aq')).not.to.equal('');
  });

  it('takes a stranger that runs or builds on an image of ours for no part of the attempt', async () => {
    const made = await build(engine, { dockerfile: 'FROM busybox\nENV A=1\n', tags: ['acme/base:1'] });
    const container = await test.docker('create', 'acme/base:1', 'true');
    expect(await findAttempts(engine, made.mark.store)).to.deep.equal([]);
    await test.docker('commit', '-c', 'ENV B=1', container, 'stranger:1');
    const report = await sweep(engine, made.mark, { images: true });
    expect(report.containers).to.deep.equal([]);
    expect(report.images).to.deep.equal([]);
    expect(await test.docker('images', '-q', 'stranger:1')).not.to.equal('');
  });
});
