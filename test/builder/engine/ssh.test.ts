import { expect } from 'chai';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress, sshAddress } from '../../../builder/model/engineAddress.ts';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { type SshServer, startSshServer } from '../../fixtures/sshServer.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { kitBuild } from '../buildkit/kitBuilds.ts';
import { build, memoryLog, sharedBed } from './builds.ts';

describe('an engine behind ssh', () => {
  const path = process.env['PATH'] ?? '';
  let server: SshServer;
  let test: TestEngine;

  before(async () => {
    ({ test } = await sharedBed());
    server = await startSshServer({ dockerHost: test.host });
  });
  beforeEach(() => {
    process.env['PATH'] = `${server.bin}:${path}`;
  });
  afterEach(() => {
    process.env['PATH'] = path;
  });
  after(() => server.close());

  const engineAt = (host: string): Engine => {
    const address = sshAddress(`ssh://${host}`);
    if (!address) throw new Error(`${host} is no address`);
    return connectEngine({ name: 'far', address });
  };
  const faultOf = async (engine: Engine): Promise<string> => {
    const fault: unknown = await engine.ping().catch((error: unknown) => error);
    expect(fault).to.include({ reason: 'engine_unreachable' });
    return fault instanceof Error ? fault.message : '';
  };

  it('says what it is, takes a large context, and builds', async () => {
    const engine = engineAt(`${server.user}@127.0.0.1:${server.port}`);
    expect(engine.local).to.equal(false);
    expect((await engine.ping()).os).to.equal('linux');
    const log = memoryLog();
    const { fault, result } = await build(engine, {
      dockerfile: 'FROM busybox\nCOPY ballast /\nRUN wc -c ballast\n',
      files: { ballast: 'x'.repeat(3_000_000) },
      log,
    });
    expect(fault).to.equal(undefined);
    expect(result?.id).to.match(/^sha256:/);
    expect(log.text()).to.include('3000000 ballast');
    const refused = await engine
      .call({ method: 'GET', path: '/images/no-such/json' })
      .catch((error: unknown) => error);
    expect(refused).to.include({ status: 404 });
  });

  it('builds with BuildKit, which asks for its context over a connection of its own', async () => {
    const { fault, log } = await kitBuild(engineAt('127.0.0.1'), {
      dockerfile: 'FROM busybox\nCOPY word /\nRUN cat /word\n',
      files: { word: 'far and wide\n' },
      options: { networkMode: 'none', noCache: true },
    });
    expect(fault).to.equal(undefined);
    expect(log.text()).to.include('far and wide');
  });

  it('uses a connection again, and another where that one has ended', async () => {
    const engine = engineAt('127.0.0.1');
    await engine.ping();
    const before = await server.open();
    for (let i = 0; i < 12; i++) await engine.ping();
    expect(await server.open()).to.equal(before);
    await server.cut();
    await waitFor('the connections to be gone', async () => (await server.open()) === 0);
    await waitFor('another', () => engine.ping().catch(() => undefined));
  });

  it('stops a build', async () => {
    const engine = engineAt('127.0.0.1');
    const abort = new AbortController();
    const log = memoryLog();
    const building = build(engine, {
      dockerfile: 'FROM busybox\nRUN echo begun; sleep 100\n',
      log,
      signal: abort.signal,
    });
    await waitFor('the RUN', () => /^begun$/m.test(log.text()));
    abort.abort();
    expect((await building).fault).to.be.instanceOf(Error);
    await waitFor('the RUN to be gone', async () => (await test.docker('ps', '--quiet')) === '');
  });

  it('is lost where the connection breaks in the middle of a build', async () => {
    const engine = engineAt('127.0.0.1');
    const log = memoryLog();
    const building = build(engine, { dockerfile: 'FROM busybox\nRUN echo begun; sleep 100\n', log });
    await waitFor('the RUN', () => /^begun$/m.test(log.text()));
    await server.cut();
    expect((await building).fault).to.include({ reason: 'engine_lost' });
  });

  it('is unreachable with the last words of ssh', async () => {
    expect(await faultOf(engineAt('stranger'))).to.match(/cannot be reached: ssh: .*Permission denied/);
    expect(await faultOf(engineAt('unknown'))).to.match(/ssh: Host key verification failed/);
    expect(await faultOf(engineAt('127.0.0.1:1'))).to.match(/ssh: .*Connection refused/);
  });

  it('is unreachable where the other side has no docker, or talks before it', async () => {
    expect(await faultWith('echo "sh: docker: not found" >&2; exit 127')).to.match(
      /ssh: sh: docker: not found$/,
    );
    expect(await faultWith('echo Welcome to this machine; cat')).to.match(
      /the other side does not speak HTTP: Welcome/,
    );
    expect(await faultWith('exit 3')).to.match(/ssh: ssh ended with exit code 3$/);
    process.env['PATH'] = '/nowhere';
    expect(await faultOf(engineAt('x'))).to.match(/no program ssh in PATH/);
  });

  it('is asked in a way that lets no name be an option, with nobody there to be asked', async () => {
    const said = await faultWith('echo "$# $*" >&2; exit 1', 'me@far.example:2222');
    expect(said).to.match(/ -o BatchMode=yes .* -T -l me -p 2222 -- far\.example docker system dial-stdio$/);
    const kept = await faultWith('env | grep -c SECRET >&2; exit 1');
    expect(kept).to.match(/ssh: 0$/);
  });

  /** With a program in the place of ssh. */
  async function faultWith(script: string, host = 'x'): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'dbssh-'));
    process.env['A_SECRET'] = 'x';
    try {
      await writeFile(join(folder, 'ssh'), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, 'ssh'), 0o755);
      process.env['PATH'] = `${folder}:${path}`;
      return await faultOf(engineAt(host));
    } finally {
      delete process.env['A_SECRET'];
      await rm(folder, { recursive: true });
    }
  }
});

describe('the address of an engine behind ssh', () => {
  it('is read from settings and DOCKER_HOST', () => {
    expect(sshAddress('ssh://h')).to.deep.equal({ kind: 'ssh', host: 'h' });
    expect(sshAddress('ssh://me@h.example:22/')).to.deep.equal({
      kind: 'ssh',
      host: 'h.example',
      user: 'me',
      port: 22,
    });
    expect(engineAddress({ DOCKER_HOST: 'ssh://[::1]:2222' })).to.deep.equal({
      kind: 'ssh',
      host: '::1',
      port: 2222,
    });
  });

  it('is refused where it could be anything else, without showing a password', () => {
    const bad = [
      '',
      '-oProxyCommand=x',
      'a b',
      'h:0',
      'h:99999',
      '-l@h',
      'h/path',
      'h?x',
      'me@',
      'h\nx',
      '$(x)',
    ];
    for (const host of bad) expect(sshAddress(`ssh://${host}`), host).to.equal(undefined);
    expect(() => engineAddress({ DOCKER_HOST: 'ssh://me:hunter2@h' }))
      .to.throw(/DOCKER_HOST must be .* ssh:\/\/me:…@h$/)
      .with.property('message')
      .that.does.not.include('hunter2');
  });
});
