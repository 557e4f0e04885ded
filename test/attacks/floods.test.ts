import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { buildJob, type JobView, postJob, untilEnded } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const run = promisify(execFile);
const mebibyte = 1024 * 1024;

async function mostMemory({ process }: TestServer): Promise<number> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Field.md row 15: more than anybody reads costs a bounded amount, and the rest of the server goes on. */
describe('attack: a log without end', () => {
  let world: World;
  let data: string;
  let memoryBefore: number;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'flood-'));
    await writeFile(join(data, 'settings.json'), JSON.stringify({ limits: { logBytes: mebibyte } }));
    world = await openWorld({ data });
    await build('small', 'echo small');
    memoryBefore = await mostMemory(world.server);
  });
  after(async () => {
    await world.close();
    await rm(data, { recursive: true, force: true });
  });

  async function build(repo: string, ...scripts: string[]): Promise<JobView> {
    const Dockerfile = ['FROM busybox', ...scripts.map((script) => `RUN ${script}`), ''].join('\n');
    await createRepository(world.git, `acme/${repo}`, { Dockerfile });
    const job = await buildJob(world.server, { account: 'acme', repo, ref: 'main' });
    expect(job.status, job.error).to.equal('completed');
    return job;
  }

  const textOf = async (job: JobView) => (await world.server.request(`/jobs/${job.id}/log`)).text();

  async function bytesOnDisk(): Promise<number> {
    const { stdout } = await run('du', ['-sb', join(data, 'logs')]);
    return Number.parseInt(stdout, 10);
  }

  it('keeps its head and its tail, and no more on disk than it may', async () => {
    const before = await bytesOnDisk();
    const job = await build('lines', 'echo the very first line', 'seq 1 300000', 'echo the very last line');
    const text = await textOf(job);
    for (const line of ['the very first line', 'the very last line', '1', '300000'])
      expect(text.split('\n')).to.include(line);
    expect(text).to.match(/^… \d+ lines left out …$/m);
    expect(text).to.contain('completed: sha256:');
    expect(text.length).to.be.greaterThan(mebibyte / 8);
    expect((await bytesOnDisk()) - before).to.be.lessThan(1.2 * mebibyte);
  });

  it('of one line is cut and says by how much', async () => {
    const job = await build('line', "head -c 10000000 /dev/zero | tr '\\0' x; echo");
    const line = (await textOf(job)).split('\n').find((one) => one.startsWith('xxx')) ?? '';
    expect(line).to.match(/^x{65536} … \[cut: 9934464 bytes\]$/);
  });

  it('of noise is text all the same', async () => {
    const job = await build(
      'noise',
      'echo start; head -c 3000000 /dev/urandom; echo; echo end of noise',
      'head -c 3000000 /dev/zero; echo end of zeros',
      "printf '\\377\\376\\300\\200\\355\\240\\200\\360\\237\\222'; echo end of UTF-8",
      "seq -s '%\\r' 1 200000 | tr '\\\\r' '\\r'; echo; echo end of progress",
    );
    const answer = await world.server.request(`/jobs/${job.id}/log`);
    const text = new TextDecoder('utf8', { fatal: true }).decode(await answer.arrayBuffer());
    for (const end of ['noise', 'zeros', 'UTF-8', 'progress']) expect(text).to.contain(`end of ${end}\n`);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.to.match(/[\x00-\x06\x08\x0b\x0c\x0e-\x1a]/);
    const lines = await world.server.request(`/jobs/${job.id}/lines?from=1&to=5000`);
    expect(await lines.json()).to.have.property('first', 1);
  });

  it('does not hold up another build', async () => {
    const endless = 'yes a line that comes again and again';
    await createRepository(world.git, 'acme/endless', { Dockerfile: `FROM busybox\nRUN ${endless}\n` });
    const { id } = await postJob(world.server, { account: 'acme', repo: 'endless', ref: 'main' });
    await waitFor('a flood', async () => {
      const answer = await world.server.request(`/jobs/${id}/tail?n=1`);
      return (await answer.text()).includes('again and again');
    });
    const other = await build('beside', 'echo beside the flood');
    expect(await textOf(other)).to.contain('\nbeside the flood\n');
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect((await untilEnded(world.server, id)).status).to.equal('canceled');
  });

  it('takes no memory', async () => {
    expect((await mostMemory(world.server)) - memoryBefore).to.be.lessThan(200 * mebibyte);
  });
});

describe('attack: bodies made to break what reads them', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({
      env: {
        DOCKER_HOST: 'unix:///nowhere.sock',
        DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
      },
    });
  });
  after(() => server.close());

  const deep = (open: string, close: string) =>
    open.repeat(400_000 / open.length) + close.repeat(400_000 / open.length);
  const named = '"account":"a","repo":"b","ref":"c"';
  const refused: [string, string | Buffer, number][] = [
    ['arrays in arrays', deep('[', ']'), 400],
    ['objects in objects', deep('{"a":', '}').replace(/:\}/, ':1}'), 412],
    ['arrays in a field', `{"account":${deep('[', ']')},"repo":"b","ref":"c"}`, 400],
    ['open ends', '['.repeat(1_000_000), 400],
    ['a number too large', `{${named},"depth":1e999}`, 412],
    ['a number of many digits', `{${named},"depth":${'9'.repeat(500_000)}}`, 412],
    ['a negative number', `{${named},"depth":-1}`, 412],
    ['a fraction', `{${named},"depth":1.5}`, 412],
    ['a number as text', `{${named},"depth":"1e3"}`, 412],
    ['a prototype', `{"__proto__":{${named}}}`, 412],
    [
      'a prototype with a wish',
      `{"__proto__":{"sync":true},"constructor":{"prototype":{"sync":true}},"account":"a","repo":"b"}`,
      412,
    ],
    ['a hundred thousand keys', `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join(',')}}`, 412],
    ['the last of two', `{${named},"ref":"-x"}`, 412],
    ['the last of two, in another case', `{${named},"REF":"-x"}`, 412],
    ['half a character', `{"account":"\\ud800","repo":"b","ref":"c"}`, 412],
    ['an account of a megabyte', `{"account":"${'a'.repeat(1_000_000)}","repo":"b","ref":"c"}`, 412],
    ['a ref of a megabyte', `{"account":"a","repo":"b","ref":"${'a'.repeat(1_000_000)}"}`, 412],
    ['a flag as text', `{${named},"sync":"true"}`, 400],
    ['UTF-16', Buffer.from(`{${named}}`, 'utf16le'), 400],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), 400],
    ['nothing', '', 400],
  ];
  for (const [what, body, status] of refused)
    it(`${what} is a ${status}`, async () => {
      const answer = await server.request('/jobs', { method: 'POST', body });
      const text = await answer.text();
      expect(answer.status, text.slice(0, 500)).to.equal(status);
      expect(text.length).to.be.lessThan(2000);
      expect(JSON.parse(text)).to.have.property('error');
    });

  it('none of them made a job or a failure of the server', async () => {
    expect((await server.request('/jobs')).headers.get('x-total-count')).to.equal('0');
    expect(server.output()).not.to.match(/"level":[56]0/);
    expect(await mostMemory(server)).to.be.lessThan(300 * mebibyte);
  });

  it('hundreds of requests that never end leave room for others', async () => {
    const starts = [
      'GET /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ',
      'POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{',
    ];
    const sockets = Array.from({ length: 400 }, (_, i) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {}).write(starts[i % 2] ?? '');
      return socket;
    });
    try {
      await Promise.all(sockets.map((socket) => waitFor('a connection', () => !socket.connecting)));
      expect((await server.request('/jobs')).status).to.equal(200);
      const posted = await server.request('/jobs', { method: 'POST', body: `{${named}}` });
      expect(posted.status).to.equal(202);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  it('a header without end is refused', async () => {
    const socket = connect(server.port, '127.0.0.1');
    let said = '';
    socket.on('error', () => {}).on('data', (chunk: Buffer) => (said += chunk.toString()));
    socket.write(`GET /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(100_000)}`);
    await waitFor('the refusal', () => said.startsWith('HTTP/1.1 431'));
    socket.destroy();
  });
});
