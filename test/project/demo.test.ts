import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEngine, type TestEngine } from '../fixtures/engine.ts';
import { waitFor } from '../fixtures/waitFor.ts';

const demo = path.join(import.meta.dirname, '../../scripts/demo.ts');

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'close');
  return child.exitCode;
}

describe('make demo', () => {
  let engine: TestEngine;
  let folder: string;
  let running: ChildProcess | undefined;
  let output = '';

  function start(env: Record<string, string> = {}): ChildProcess {
    output = '';
    const child = spawn(process.execPath, [demo], {
      env: { ...process.env, DOCKER_HOST: engine.host, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    running = child;
    return child;
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await readdir(folder)).to.deep.equal([]);
    expect(await engine.docker('ps', '--all', '--quiet')).to.equal('');
  }

  before(async () => {
    // One of its own: the cache has to go in between.
    engine = await startEngine();
    folder = await mkdtemp(path.join(tmpdir(), 'docker-builder-test-'));
  });

  afterEach(async () => {
    if (running?.exitCode !== null) return;
    running.kill('SIGTERM');
    await once(running, 'exit');
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await engine.close();
  });

  it('shows the log and the image, and with ONCE exits after the build', async () => {
    const code = await exitOf(start({ ONCE: '1' }));
    expect(code, output).to.equal(0);
    expect(output).to.match(/^\$ curl -s -XPOST http:\S+\/jobs -d '\{"account":"examples".*\}'$/m);
    expect(output).to.match(/^ {2}✓ 1 of 6: again\.html, 21 words$/m);
    expect(output).to.match(/^ {4}1 {2}FROM scratch AS tools +\d+\.\d\d s$/m);
    const id = /^ {2}Image +(?<id>[0-9a-f]{12}) +\d\.\d\d MB$/m.exec(output)?.groups?.['id'];
    expect(await engine.docker('images', '--quiet', 'examples/hello:main')).to.equal(id);
    await expectNothingLeft();
  });

  it('stays up for the curl that it names, and leaves nothing when it is told to stop', async () => {
    const child = start();
    await waitFor('the end of the build', () => output.includes('Ctrl-C'));
    const tail = /curl -s '(?<url>http:[^']+)'/.exec(output)?.groups?.['url'] ?? '';
    expect(await (await fetch(tail)).text()).to.match(/completed: sha256:\w+ .*examples\/hello:main/);

    expect(output).to.match(/^ {2}docker rmi examples\/hello:[0-9a-f]{7} examples\/hello:main$/m);

    child.kill('SIGINT');
    expect(await exitOf(child), output).to.equal(0);
    expect(await fetch(tail).catch(() => 'nobody is there')).to.equal('nobody is there');
    await expectNothingLeft();
  });

  it('cancels the build when it is told to stop in the middle', async () => {
    await engine.docker('rmi', '--force', 'examples/hello:main');
    await engine.docker('image', 'prune', '--all', '--force');
    const child = start();
    await waitFor('the middle of the build', () => output.includes('✓ 2 of 6'));
    child.kill('SIGTERM');
    expect(await exitOf(child), output).to.equal(130);
    await expectNothingLeft();
  });
});
