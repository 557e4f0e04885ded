import { expect } from 'chai';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { sharedBed } from '../engine/builds.ts';
import { openWorkshop, type Workshop } from '../source/workshop.ts';
import { makeFolder } from '../context/makeFolder.ts';
import { kitBuild } from './kitBuilds.ts';

describe('a build with BuildKit', () => {
  let engine: Engine;
  let test: TestEngine;
  let workshop: Workshop;

  before(async () => {
    ({ engine, test } = await sharedBed());
    workshop = await openWorkshop();
  });
  after(() => workshop.close());

  const sent = (log: string): string => /asked for (\d+ of \d+) files and folders/.exec(log)?.[1] ?? '';

  it('makes an image of a commit, with files, programs, links and folders as git has them', async () => {
    const { url } = await createRepository(workshop.server, 'acme/kit', {
      Dockerfile:
        'FROM busybox\nCOPY . /src\nRUN cd /src; ls -lnR; cat deep/er/link; readlink deep/er/link\n',
      run: { text: '#!/bin/sh\n', mode: '755' },
      'deep/er/file with space': 'text\n',
      'deep/er/link': { link: '../../näme' },
      'deep.txt': 'sorted in the middle\n',
      näme: 'behind the link\n',
      empty: '',
    });
    const { result, fault, log } = await kitBuild(engine, {
      tree: await workshop.open({ url }),
      tags: ['acme/kit:1', 'acme/kit:2'],
      labels: { 'org.opencontainers.image.source': url },
      options: { labels: { kept: 'yes' } },
    });
    expect(fault).to.equal(undefined);
    const text = log.text('stdout');
    expect(text).to.match(/-rwxr-xr-x +1 0 +0 .* run$/m);
    expect(text).to.match(/-rw-r--r-- +1 0 +0 .* file with space$/m);
    expect(text)
      .to.match(/lrwxrwxrwx .* link -> /m)
      .and.match(/^#\d+ \.\.\/\.\.\/näme$/m);
    expect(text).to.match(/^#\d+ behind the link$/m);
    expect(text).to.match(/ 200[01] empty$/m);
    expect(result).to.include({ platform: 'linux/amd64', builder: 'buildkit' });
    expect(result?.tags).to.deep.equal(['acme/kit:1', 'acme/kit:2']);
    expect(result?.labels).to.include({ kept: 'yes', 'org.opencontainers.image.source': url });
    expect(result?.labels).to.have.property('docker-builder.attempt');
    expect(await test.docker('run', '--rm', '--network=none', 'acme/kit:2', 'cat', '/src/näme')).to.equal(
      'behind the link',
    );
  });

  it('says of a heredoc what an old engine does not know of it', async () => {
    const heredoc = await kitBuild(engine, { dockerfile: 'FROM busybox\nRUN <<END\necho a\nEND\n' });
    expect(heredoc.fault).to.include({ reason: 'dockerfile_invalid' });
    expect(heredoc.fault?.message).to.match(
      /line 3: unknown instruction: ECHO; line 3 is in a heredoc.*# syntax=/i,
    );
    const typo = await kitBuild(engine, { dockerfile: 'FROM busybox\nECHO <<END\n' });
    expect(typo.fault?.message).to.match(/unknown instruction: ECHO$/i);
  });

  it('is asked for changed files only, and finds a change of the same size', async () => {
    const files = {
      Dockerfile: 'FROM busybox\nCOPY . /src\nRUN cat /src/a/1\n',
      'a/1': 'first',
      'a/2': 'other',
    };
    const repository = await createRepository(workshop.server, 'acme/changing', files);
    const { url } = repository;
    const build = async (mark?: { store: string; attempt: string }) =>
      kitBuild(engine, {
        tree: await workshop.open({ url }),
        labels: { 'org.opencontainers.image.source': url },
        ...(mark && { mark }),
      });
    const first = await build();
    expect(sent(first.log.text('system'))).to.equal('4 of 5');
    const again = await build(first.mark);
    expect(sent(again.log.text('system'))).to.equal('0 of 5');
    expect(again.result?.steps.slice(1).every(({ cached }) => cached)).to.equal(true);
    await repository.update({ 'a/1': 'FIRST' });
    const changed = await build(first.mark);
    expect(sent(changed.log.text('system'))).to.equal('1 of 5');
    expect(changed.log.text('stdout')).to.match(/^#\d+ FIRST$/m);
  });

  it('is told only of what its COPYs name, with what links there lead to', async () => {
    const { result, log } = await kitBuild(engine, {
      dockerfile: 'FROM busybox\nCOPY wanted/*.txt link/ /x/\nCOPY ["a, b", "c", "/x/"]\nRUN ls /x\n',
      files: {
        'wanted/a.txt': 'a',
        'wanted/b.md': 'b',
        'unwanted/c.txt': 'c',
        link: { link: 'behind/it' },
        'behind/it/d': 'd',
        'behind/e': 'e',
        'a, b': 'comma',
        c: 'c',
      },
    });
    expect(result).not.to.equal(undefined);
    expect(sent(log.text('system'))).to.equal('5 of 9');
    expect(log.text('stdout'))
      .to.match(/^#\d+ a\.txt$/m)
      .and.match(/^#\d+ d$/m);
  });

  it('leaves out what .dockerignore names, also from a Dockerfile elsewhere', async () => {
    const folder = await makeFolder({
      'docker/app.Dockerfile': 'FROM busybox\nCOPY . /src\nRUN find /src | sort\n',
      'app/.dockerignore': 'secret\nlogs\n!logs/kept/one\n.dockerignore\n',
      'app/main': 'main',
      'app/secret': 'secret',
      'app/logs/a': 'a',
      'app/logs/kept/one': 'one',
      outside: 'outside',
    });
    const { log, fault } = await kitBuild(engine, {
      tree: folder.tree,
      folder: 'app',
      dockerfilePath: 'docker/app.Dockerfile',
    });
    await folder.remove();
    expect(fault).to.equal(undefined);
    const found = [...log.text('stdout').matchAll(/^#\d+ (\/src.*)$/gm)].map(([, path]) => path);
    expect(found).to.deep.equal(['/src', '/src/logs', '/src/logs/kept', '/src/logs/kept/one', '/src/main']);
  });

  it('is refused above the limits of a context', async () => {
    const limits = { contextBytes: 4096, contextEntries: 3 };
    const large = await kitBuild(engine, { files: { large: 'x'.repeat(5000) }, limits });
    expect(large.fault?.reason).to.equal('context_too_large');
    const many = await kitBuild(engine, { files: { a: '', b: '', c: '' }, limits });
    expect(many.fault?.reason).to.equal('context_too_large');
  });

  it('tells of its steps, cached or not, also of stages side by side', async () => {
    const dockerfile = [
      'FROM busybox AS left',
      'RUN for i in $(seq 300); do printf "left-%d " $i; sleep 0.001; printf "end\\n"; done',
      'FROM busybox AS right',
      'RUN for i in $(seq 300); do printf "right-%d " $i >&2; sleep 0.001; printf "end\\n" >&2; done',
      'FROM busybox',
      'COPY --from=left /etc/passwd /left',
      'COPY --from=right /etc/passwd /right',
      '',
    ].join('\n');
    const { result, events, log } = await kitBuild(engine, { dockerfile });
    const lines = log
      .text()
      .split('\n')
      .filter((line) => /left-|right-/.test(line) && !line.includes('RUN'));
    expect(lines).to.have.length(600);
    for (const line of lines) expect(line).to.match(/^#\d+ (left|right)-\d+ end$/);
    expect(log.text('stderr')).to.include('right-300 end').and.not.include('left');
    const steps = result?.steps ?? [];
    expect(steps.map(({ number }) => number)).to.deep.equal(steps.map((_, i) => i + 1));
    expect(steps.map(({ total }) => total)).to.deep.equal(steps.map(() => steps.length));
    expect(steps.some(({ instruction }) => instruction.startsWith('[right 2/2] RUN'))).to.equal(true);
    const starts = events.filter(({ type }) => type === 'step:start');
    expect(starts).to.have.length(steps.length);
    expect(events.filter(({ type }) => type === 'step:end')).to.have.length(steps.length);

    const again = await kitBuild(engine, { dockerfile });
    expect(again.result?.steps.filter(({ cached }) => !cached)).to.have.length.below(2);
    expect(again.log.text('stdout')).to.match(/^#\d+ CACHED$/m);
  });

  it('says what BuildKit does not heed, and what a step prints beyond its limit', async () => {
    const { log } = await kitBuild(engine, {
      dockerfile: 'FROM busybox\nRUN seq 400000\n',
      options: { memoryBytes: 1e8, cpus: 1, noCache: true },
      cache: { from: ['acme/none:1'] },
    });
    expect(log.text('system')).to.include('BuildKit ignores limits of a build (memory, CPU)');
    expect(log.text('system')).to.include('nothing is taken from the cache of acme/none:1');
    expect(log.text()).to.include('[output clipped, log limit 200KiB/s reached]');
    expect(log.text('system').split('leaves out what a step prints')).to.have.length(2);
  });
});
