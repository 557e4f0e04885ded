import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { BuildFault } from '../../../builder/model/faults.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { startGitServer } from '../../fixtures/gitServer.ts';
import {
  allCommandLines,
  allFiles,
  faultOf,
  openWorkshop,
  processesWith,
  type Workshop,
} from './workshop.ts';

const sourcesModule = new URL('../../../builder/steps/source/sources.ts', import.meta.url).href;
const token = 'tok-3f9a1c77d2';
const encoded = Buffer.from(`bot:${token}`).toString('base64');
const credential = { username: 'bot', password: token };

describe('a credential', () => {
  let shop: Workshop;
  let stalls = false;
  let url: string;
  before(async () => {
    shop = await openWorkshop({
      users: { bot: token },
      stalls: ({ authorization, method }) => stalls && authorization !== undefined && method === 'POST',
    });
    ({ url } = await createRepository(shop.server, 'acme/private', { a: '1' }));
  });
  after(() => shop.close());

  it('that is right opens the repository', async () => {
    expect((await shop.open({ url, credential })).commit).to.have.length(40);
  });

  it('that is wrong or missing is a fault of its own', async () => {
    for (const wrong of [{ credential: { username: 'bot', password: 'guess' } }, {}]) {
      const fault = await faultOf(shop.open({ url, ...wrong }));
      expect(fault).to.include({ reason: 'source_auth', phase: 'clone', exitCode: 128 });
    }
  });

  it('is asked for even where the commit is already there', async () => {
    const { commit = '' } = await shop.open({ url, credential });
    expect((await faultOf(shop.open({ url, ref: commit }))).reason).to.equal('source_auth');
    const wrong = { username: 'bot', password: 'guess' };
    expect((await faultOf(shop.open({ url, ref: commit, credential: wrong }))).reason).to.equal(
      'source_auth',
    );
    expect((await shop.open({ url, ref: commit, credential })).commit).to.equal(commit);
  });

  it('is in no argument, file or line of the log', async () => {
    stalls = true;
    const cancel = new AbortController();
    const opened = faultOf(shop.open({ url, credential }, { signal: cancel.signal }));
    await waitFor('a fetch', () => processesWith(shop.folder).some((line) => line.includes('remote-http')));
    const lines = allCommandLines();
    expect(lines).to.contain(url);
    for (const secret of [token, encoded]) {
      expect(lines).to.not.contain(secret);
      expect(await allFiles(shop.folder)).to.not.contain(secret);
    }
    cancel.abort();
    const fault = await opened;
    stalls = false;
    await faultOf(shop.open({ url, credential: { username: 'bot', password: `${token}-no` } }));
    for (const secret of [token, encoded]) {
      expect(shop.log.join('\n')).to.not.contain(secret);
      expect(JSON.stringify([fault, fault.message, fault.stack])).to.not.contain(secret);
    }
  });
});

describe('a redirect', () => {
  it('to another server is not followed, with a credential or without', async () => {
    await using other = await startGitServer();
    const { url: stolen } = await createRepository(other, 'acme/app', { a: '1' });
    await using shop = await openWorkshop({ redirects: ({ path }) => stolen.replace(/\/acme.*/, path) });
    for (const given of [{ credential }, {}]) {
      const fault = await faultOf(shop.open({ url: `${shop.server.url}/acme/app.git`, ...given }));
      expect(fault.reason, fault.message).to.equal('source_refused');
    }
    expect(other.requests).to.deep.equal([]);
  });

  it('within the server is: the repository got a new name', async () => {
    await using shop = await openWorkshop({
      users: { bot: token },
      redirects: ({ path }) => (path.startsWith('/acme/old.git') ? path.replace('old', 'new') : undefined),
    });
    const { commit } = await createRepository(shop.server, 'acme/new', { a: '1' });
    expect((await shop.open({ url: `${shop.server.url}/acme/old.git`, credential })).commit).to.equal(commit);
  });
});

describe('a git server that stops in the middle', () => {
  let shop: Workshop;
  let url: string;
  beforeEach(async () => {
    shop = await openWorkshop({ stalls: ({ method }) => method === 'POST' });
    ({ url } = await createRepository(shop.server, 'acme/app', { a: '1' }));
  });
  afterEach(() => shop.close());

  const helpers = (): string[] => processesWith(shop.folder).filter((line) => line.includes('remote-http'));

  it('is left at once with all processes when the build is canceled', async () => {
    const cancel = new AbortController();
    const opened = faultOf(shop.open({ url }, { signal: cancel.signal }));
    await waitFor('a fetch', () => helpers().length > 0);
    const reason = new BuildFault('canceled', 'Somebody canceled the run.');
    cancel.abort(reason);
    expect(await opened).to.equal(reason);
    expect(processesWith(shop.folder)).to.deep.equal([]);
  });

  it('is left at the end of the time limit', async () => {
    const fault = await faultOf(shop.open({ url }, { timeoutMs: 300 }));
    expect(fault).to.include({ reason: 'timeout', phase: 'clone' });
    expect(processesWith(shop.folder)).to.deep.equal([]);
  });

  it('keeps no process of a build server that was killed', async () => {
    const program = `
      const { createSources } = await import(${JSON.stringify(sourcesModule)});
      const sources = createSources({ folder: ${JSON.stringify(shop.folder)}, allowed: () => [{ scheme: 'http', host: ${JSON.stringify(new URL(url).host)} }] });
      await sources.open({ kind: 'git', url: ${JSON.stringify(url)}, ref: 'main' }, { log: { append() {} }, signal: new AbortController().signal, timeoutMs: 60000, mark: 'a' });
    `;
    const node = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    await waitFor('a fetch', () => helpers().length > 0);
    node.kill('SIGKILL');
    await waitFor('the end of all', () => processesWith(`${shop.folder}/mirrors`).length === 0);
  });

  it('does not hold up the end of the sources', async () => {
    const opened = faultOf(shop.open({ url }));
    await waitFor('a fetch', () => helpers().length > 0);
    await shop.sources.close();
    expect((await opened).reason).to.equal('released');
    expect(processesWith(shop.folder)).to.deep.equal([]);
  });
});

describe('a git server that sends nothing', () => {
  it('is given up after a time', async () => {
    await using shop = await openWorkshop({ stalls: ({ method }) => method === 'POST' }, { lowSpeedSecs: 1 });
    const { url } = await createRepository(shop.server, 'acme/app', { a: '1' });
    const fault = await faultOf(shop.open({ url }));
    expect(fault).to.include({ reason: 'source_unreachable', retryable: true });
    expect(shop.log.join('\n')).to.match(/^stderr: .*too slow/im);
    expect(processesWith(shop.folder)).to.deep.equal([]);
  });
});

describe('a source that cannot be had', () => {
  let shop: Workshop;
  before(async () => {
    shop = await openWorkshop();
  });
  after(() => shop.close());

  it('is not found', async () => {
    const fault = await faultOf(shop.open({ url: `${shop.server.url}/acme/nope.git` }));
    expect(fault).to.include({ reason: 'source_not_found', exitCode: 128 });
    expect(shop.log.at(-1)).to.match(/^stderr: .*not found/);
  });

  it('cannot be reached', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => gone.once('listening', resolve));
    const address = gone.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await new Promise((resolve) => gone.close(resolve));
    await using lost = await openWorkshop(
      {},
      { allowed: () => [{ scheme: 'http', host: `127.0.0.1:${port}` }] },
    );
    expect((await faultOf(lost.open({ url: `http://127.0.0.1:${port}/a/b.git` }))).reason).to.equal(
      'source_unreachable',
    );
  });
});

describe('an attack by the address or the ref', () => {
  let shop: Workshop;
  const witness = '/tmp/docker-builder-was-here';
  before(async () => {
    shop = await openWorkshop();
    await createRepository(shop.server, 'acme/app', { a: '1' });
  });
  after(() => shop.close());

  it('never reaches git', async () => {
    const good = `${shop.server.url}/acme/app.git`;
    const urls = [
      `ext::sh -c touch% ${witness}`,
      `--upload-pack=touch ${witness}`,
      `-c core.sshCommand=touch`,
      `file://${shop.server.folder}/acme/app.git`,
      `${shop.server.folder}/acme/app.git`,
      '../acme/app.git',
      'git@example.com:acme/app.git',
      'ssh://-oProxyCommand=touch/acme/app.git',
      `${good}\nHost: evil`,
      `${good}\0`,
      `${good} --upload-pack=x`,
      good.replace('//', '//bot:secret@'),
      good.replace('127.0.0.1', '127.1'),
      good.replace('127.0.0.1', 'localhost'),
      'http://169.254.169.254/latest/meta-data',
      `${good}/../../../x`,
    ];
    for (const url of urls)
      expect((await faultOf(shop.open({ url }))).reason, url).to.equal('source_refused');
    const refs = [
      '--upload-pack=touch',
      '-x',
      'a..b',
      'a\nb',
      'a\u001b[31m',
      'main:evil',
      '+main',
      'a b',
      'refs/heads/*',
      '@{-1}',
      '',
    ];
    const bad = refs.filter((ref) => ref !== '+main');
    for (const ref of bad)
      expect((await faultOf(shop.open({ url: good, ref }))).reason, ref).to.equal('source_refused');
    expect((await faultOf(shop.open({ url: good, ref: '+main' }))).reason).to.equal('ref_not_found');
    expect(existsSync(witness)).to.equal(false);
    expect(await readdir(`${shop.folder}/mirrors`)).to.have.length(1);
  });

  it('by a mark does not leave the folder', async () => {
    const opened = shop.open(
      { url: `${shop.server.url}/acme/app.git`, submodules: true },
      { mark: '../../x' },
    );
    expect(await opened.catch(String)).to.contain('a mark is made of');
  });
});
