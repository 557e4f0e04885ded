import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { buildJob, tailOf } from '../fixtures/jobs.ts';
import { createRepository, type Files } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const secret = 'FROM the-secret-of-the-machine';

/** Field.md row 3: no path leads out of the commit, the log folder or the page. */
describe('attack: a path that leads out', () => {
  let world: World;
  let folder: string;

  before(async () => {
    world = await openWorld();
    folder = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(folder, 'Dockerfile'), `${secret}\n`);
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  const outside = () => join(folder, 'Dockerfile');
  const upTo = (path: string) => '../'.repeat(30) + path.slice(1);
  const escapes: [string, string, () => Files][] = [
    ['an absolute link as Dockerfile', 'dockerfile_invalid', () => ({ Dockerfile: { link: outside() } })],
    [
      'a relative link as Dockerfile',
      'dockerfile_invalid',
      () => ({ Dockerfile: { link: upTo(outside()) } }),
    ],
    [
      'a link inside the commit as Dockerfile',
      'dockerfile_invalid',
      () => ({ Dockerfile: { link: 'real' }, real: 'FROM busybox\n' }),
    ],
    ['a folder as Dockerfile', 'dockerfile_invalid', () => ({ 'Dockerfile/Dockerfile': 'FROM busybox\n' })],
    [
      'a submodule as Dockerfile',
      'dockerfile_invalid',
      () => ({ Dockerfile: { submodule: '1'.repeat(40) } }),
    ],
    [
      'a link as .dockerignore',
      'context_invalid',
      () => ({ Dockerfile: 'FROM busybox\n', '.dockerignore': { link: outside() } }),
    ],
    [
      'a link as Dockerfile.dockerignore',
      'context_invalid',
      () => ({ Dockerfile: 'FROM busybox\n', 'Dockerfile.dockerignore': { link: upTo(outside()) } }),
    ],
    [
      'a .dockerignore that counts upwards',
      'completed',
      () => ({
        Dockerfile: 'FROM busybox\nCOPY . /src\n',
        '.dockerignore': '../../**\n!/etc/passwd\n!../x\n',
      }),
    ],
  ];
  for (const [index, [what, expected, files]] of escapes.entries())
    it(`says ${expected} for ${what}`, async () => {
      const repo = `escape${index}`;
      await createRepository(world.git, `acme/${repo}`, files());
      const job = await buildJob(world.server, { account: 'acme', repo, ref: 'main' });
      expect(job.reason ?? job.status, job.error).to.equal(expected);
      expect(JSON.stringify(job) + (await tailOf(world.server, job.id))).not.to.contain(
        'secret-of-the-machine',
      );
    });

  it('is found in no file that may exist beside a commit', async () => {
    await createRepository(world.git, 'acme/bobfile', { Dockerfile: 'FROM busybox\n', link: { link: '/' } });
    const paths = [outside(), upTo(outside()), `link${outside()}`, '.git/config', 'Dockerfile/..', '.'];
    const build = (bobfile: string) =>
      buildJob(world.server, { account: 'acme', repo: 'bobfile', ref: 'main', bobfile });
    for (const job of await Promise.all(paths.map(build))) {
      expect(job.status).to.equal('errored');
      expect(job.reason).to.be.oneOf(['bobfile_missing', 'bobfile_invalid']);
      const said = JSON.stringify(job) + (await tailOf(world.server, job.id));
      expect(said).not.to.contain('secret-of-the-machine');
    }
  });

  it('leaves no context behind on the engine', async () => {
    const left = await readdir(join(world.engine.dataFolder, 'tmp')).catch(() => []);
    expect(left.filter((name) => name.startsWith('docker-builder'))).to.deep.equal([]);
  });

  /** The path as it is, which fetch would tidy up. */
  function ask(path: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: world.server.port, path }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      });
      sent.on('error', reject).end();
    });
  }

  it('gets nothing of the disk from the server', async () => {
    await writeFile(join(world.server.data, 'canary'), secret);
    const climbs = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..%5c', '....//', '..;/', '..%c0%af', '.%00./'];
    const targets = [outside().slice(1), 'package.json', 'canary', 'secret.key', 'settings.json', 'logs'];
    const starts = ['/', '/page/', '/style/', '//', '/jobs/', '/jobs/x/../', '/health/'];
    for (const start of starts)
      for (const climb of climbs)
        for (const target of targets) {
          const path = start + climb.repeat(12) + target;
          const { status, body } = await ask(path);
          expect(status, path).to.be.oneOf([400, 404]);
          expect(body, path).not.to.contain('secret-of-the-machine');
        }
    const ids = ['..', '%2e%2e', '..%2f..%2fcanary', '%00', 'x'.repeat(4000), '01a201ff%2f..', '%ff%fe'];
    for (const id of ids)
      for (const end of ['', '/tail', '/log', '/lines?from=1&to=2', '/stream', '/attempts'])
        expect((await ask(`/jobs/${id}${end}`)).status, `${id}${end}`).to.be.oneOf([400, 404]);
    for (const path of [
      `http://evil.example${outside()}`,
      `file://${outside()}`,
      '/package.json',
      '/.git/config',
    ])
      expect((await ask(path)).body, path).not.to.match(
        /secret-of-the-machine|"dependencies"|repositoryformat/,
      );
  });
});
