import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { processesWith } from '../builder/source/workshop.ts';
import { buildJob, type JobView, tailOf } from '../fixtures/jobs.ts';
import { createRepository, type Files, git } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const run = promisify(execFile);
const mebibyte = 1024 * 1024;
const limits = { contextBytes: 2 * mebibyte, contextEntries: 100 };

/** Field.md row 12: a small repository that becomes a large context is refused while it is read. */
describe('attack: a repository that blows up', () => {
  let world: World;
  let memoryBefore: number;

  before(async () => {
    world = await openWorld();
    await writeFile(join(world.server.data, 'settings.json'), JSON.stringify({ limits }));
    await waitFor('the settings', () => /changed settings are in use/.test(world.server.output()));
    expect((await build('small', { Dockerfile: 'FROM busybox\n' })).status).to.equal('completed');
    memoryBefore = await mostMemory();
  });
  after(() => world.close());

  async function build(repo: string, files: Files): Promise<JobView> {
    await createRepository(world.git, `acme/${repo}`, files);
    return buildJob(world.server, { account: 'acme', repo, ref: 'main' });
  }

  async function mostMemory(): Promise<number> {
    const status = await readFile(`/proc/${world.server.process.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  const Dockerfile = 'FROM busybox\nCOPY . /src\n';

  it('with many files says context_too_large', async () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`many/${i}`, '']));
    expect(await build('many', { Dockerfile, ...many })).to.include({ reason: 'context_too_large' });
  });

  it('with a file of zeros that packs to nothing says so too, and costs neither memory nor disk', async () => {
    const job = await build('zeros', { Dockerfile, zeros: { text: Buffer.alloc(60 * mebibyte) } });
    expect(job).to.include({ reason: 'context_too_large' });
    const { stdout } = await run('du', ['-sb', join(world.server.data, 'sources')]);
    expect(Number.parseInt(stdout, 10)).to.be.lessThan(10 * mebibyte);
  });

  it('with a tree of trees of trees, a million million files, is refused before git has read it', async () => {
    const { folder } = await createRepository(world.git, 'acme/trees', { Dockerfile });
    const blob = await git(folder, ['hash-object', '-w', '--stdin'], Buffer.from('bang'));
    const row = (entry: string) =>
      Buffer.from(Array.from({ length: 10 }, (_, i) => `${entry}\td${i}\n`).join(''));
    let tree = await git(folder, ['mktree'], row(`100644 blob ${blob}`));
    for (let level = 0; level < 11; level++) tree = await git(folder, ['mktree'], row(`040000 tree ${tree}`));
    const top = `${await git(folder, ['ls-tree', 'main'])}\n040000 tree ${tree}\tbomb\n`;
    const commit = await git(folder, [
      'commit-tree',
      await git(folder, ['mktree'], Buffer.from(top)),
      '-m',
      'boom',
    ]);
    await git(folder, ['update-ref', 'refs/heads/main', commit]);
    const job = await buildJob(world.server, { account: 'acme', repo: 'trees', ref: 'main' });
    expect(job).to.include({ reason: 'source_invalid' });
    await waitFor('the end of git', () => processesWith(join(world.server.data, 'sources')).length === 0);
  });

  it('is small again where .dockerignore says so', async () => {
    const ignored = { '.dockerignore': 'zeros\nmany\n', zeros: { text: Buffer.alloc(20 * mebibyte) } };
    expect((await build('ignored', { Dockerfile, ...ignored })).status).to.equal('completed');
  });

  it('with a path without end, an enormous Dockerfile or .dockerignore is refused with a reason', async () => {
    const deep = `${'d/'.repeat(3000)}file`;
    const comment = Buffer.alloc(20 * mebibyte, '#');
    const refused: [string, Files, string][] = [
      ['deep', { Dockerfile, [deep]: '' }, 'context_too_large'],
      ['long', { Dockerfile, [`${'long-name/'.repeat(500)}file`]: '' }, 'context_too_large'],
      ['dockerfile', { Dockerfile: { text: comment } }, 'dockerfile_invalid'],
      ['ignore', { Dockerfile, '.dockerignore': { text: comment } }, 'context_invalid'],
    ];
    for (const [repo, files, reason] of refused)
      expect((await build(repo, files)).reason, repo).to.equal(reason);
  });

  it('with patterns made to be slow ends, and holds up nobody', async () => {
    const slow = `${'**/*a*a*a*a*a*a*a*a*b\n'.repeat(2000)}!${'*/'.repeat(100)}x\n`;
    const names = Array.from({ length: 60 }, (_, i) => [`${'a'.repeat(200)}${i}`, 'x'] as const);
    const job = await build('patterns', { Dockerfile, '.dockerignore': slow, ...Object.fromEntries(names) });
    expect(job.reason ?? job.status).to.be.oneOf(['completed', 'context_invalid']);
    expect((await world.server.request('/health')).status).to.equal(200);
  });

  it('with a subject of a megabyte has a log like any other', async () => {
    await createRepository(world.git, 'acme/subject', { Dockerfile }, { message: 's'.repeat(mebibyte) });
    const job = await buildJob(world.server, { account: 'acme', repo: 'subject', ref: 'main' });
    expect(job.status, job.error).to.equal('completed');
    for (const line of (await tailOf(world.server, job.id)).split('\n'))
      expect(line.length).to.be.lessThan(70_000);
  });

  it('with odd names is packed name by name', async () => {
    const names = [
      ' ',
      '-rf',
      '--help',
      'new\nline',
      'back\\slash',
      '*',
      '$(x)',
      'x'.repeat(200),
      '\u202e',
      'CON',
      'é',
      '....',
    ];
    const files = Object.fromEntries(names.map((name) => [`odd/${name}`, 'x']));
    const job = await build('odd', {
      Dockerfile: `FROM busybox\nCOPY . /src\nRUN echo "found $(find /src/odd -type f -exec echo one \\; | wc -l)"\n`,
      ...files,
    });
    expect(job.status, job.error).to.equal('completed');
    expect(await tailOf(world.server, job.id)).to.match(new RegExp(`^found ${names.length}$`, 'm'));
  });

  it('leaves nothing on the engine, and no memory of itself', async () => {
    const left = await readdir(join(world.engine.dataFolder, 'tmp'));
    expect(left.filter((name) => name.startsWith('docker-builder'))).to.deep.equal([]);
    expect((await mostMemory()) - memoryBefore).to.be.lessThan(150 * mebibyte);
  });
});
