import { once } from 'node:events';
import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { engineAddress } from '../../../builder/model/engineAddress.ts';
import { attemptOfCgroup, cgroupParent } from '../../../builder/steps/engine/cgroup.ts';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import { negotiatedVersion } from '../../../builder/steps/engine/engineInfo.ts';
import { EngineRefusal } from '../../../builder/steps/engine/engineFaults.ts';
import { instructionOf } from '../../../builder/steps/engine/imageResult.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { build, newMark, sharedBed } from './builds.ts';

/** Passes TCP connections on to a unix socket. */
async function forward(socketPath: string): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = dial(socketPath);
    for (const socket of [client, engine]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(engine).pipe(client);
  });
  return { port: await listen(server), close: () => stop(server, sockets) };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not on a TCP port');
  return address.port;
}

async function stop(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
}

describe('an engine', () => {
  let engine: Engine;
  let test: TestEngine;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  it('says what it is', async () => {
    const info = await engine.ping();
    expect(info.version).to.equal(await test.docker('version', '-f', '{{.Server.Version}}'));
    expect(info.apiVersion).to.match(/^1\.\d+$/);
    expect(info.os).to.equal('linux');
    expect(info.cgroupDriver).to.be.oneOf(['cgroupfs', 'systemd', 'none']);
    expect(info.memory).to.be.greaterThan(1e8);
    expect(info.cpus).to.be.greaterThan(0);
    expect(await engine.info()).to.equal(info);
  });

  it('is reached over TCP as well, whatever DOCKER_HOST says', async () => {
    const proxy = await forward(test.socket);
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      const distant = connectEngine({
        name: 'far',
        address: { kind: 'tcp', host: '127.0.0.1', port: proxy.port },
      });
      expect(distant.local).to.equal(false);
      const { result, fault } = await build(distant, { dockerfile: 'FROM busybox\nRUN echo far\n' });
      expect(fault).to.equal(undefined);
      expect(result?.id).to.match(/^sha256:/);
      const near = connectEngine({ name: 'near', address: { kind: 'socket', path: test.socket } });
      expect((await near.ping()).os).to.equal('linux');
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
      await proxy.close();
    }
  });

  it('refuses with its status and words', async () => {
    const refusal = await engine
      .call({ method: 'GET', path: '/images/no-such/json' })
      .catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(EngineRefusal);
    expect(refusal).to.have.property('status', 404);
    expect(refusal)
      .to.have.property('message')
      .that.matches(/^no such image/i);
  });

  it('is unreachable where somebody listens and says nothing', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    try {
      const address = { kind: 'tcp', host: '127.0.0.1', port: await listen(server) } as const;
      const mute = connectEngine({ name: 'mute', address });
      const error = await mute
        .call({ method: 'GET', path: '/info', timeoutMs: 50 })
        .catch((reason: unknown) => reason);
      expect(error).to.include({ reason: 'engine_unreachable' });
      const stopped = await mute
        .ping(AbortSignal.abort(new Error('enough')))
        .catch((reason: unknown) => reason);
      expect(stopped).to.have.property('message', 'enough');
    } finally {
      await stop(server, sockets);
    }
  });
});

describe('the address of the engine', () => {
  it('comes from DOCKER_HOST and its neighbours, else it is the default socket', () => {
    const socket = { kind: 'socket', path: '/var/run/docker.sock' };
    expect(engineAddress({})).to.deep.equal(socket);
    expect(engineAddress({ DOCKER_HOST: '' })).to.deep.equal(socket);
    expect(engineAddress({ DOCKER_HOST: 'unix://' })).to.deep.equal(socket);
    expect(engineAddress({ DOCKER_HOST: 'unix:///a b/d.sock' })).to.deep.equal({
      kind: 'socket',
      path: '/a b/d.sock',
    });
    expect(engineAddress({ DOCKER_HOST: 'tcp://h' })).to.deep.equal({ kind: 'tcp', host: 'h', port: 2375 });
    expect(engineAddress({ DOCKER_HOST: '10.0.0.1:99' })).to.deep.equal({
      kind: 'tcp',
      host: '10.0.0.1',
      port: 99,
    });
    expect(engineAddress({ DOCKER_HOST: 'tcp://[::1]:99' })).to.deep.equal({
      kind: 'tcp',
      host: '::1',
      port: 99,
    });
    expect(engineAddress({ DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', HOME: '/root' })).to.deep.equal({
      kind: 'tls',
      host: 'h',
      port: 2376,
      certificates: { folder: '/root/.docker' },
    });
    expect(engineAddress({ DOCKER_HOST: 'tcp://h:1', DOCKER_CERT_PATH: '/c' })).to.deep.equal({
      kind: 'tls',
      host: 'h',
      port: 1,
      certificates: { folder: '/c' },
    });
  });

  it('is refused with a sentence where it cannot be understood', () => {
    for (const host of ['ssh://me@', 'ssh://-l@h', 'npipe:////./pipe/x', 'tcp://', 'tcp://h:99999'])
      expect(() => engineAddress({ DOCKER_HOST: host }), host).to.throw(/DOCKER_HOST must be/);
  });
});

describe('words shared with the engine', () => {
  it('are of the version that both know', () => {
    expect(negotiatedVersion('1.41')).to.equal('/v1.41');
    expect(negotiatedVersion('1.99')).to.equal('/v1.51');
    expect(negotiatedVersion(undefined)).to.equal('');
  });

  it('name the attempt in a control group, for each driver', () => {
    const mark = newMark();
    const parent = cgroupParent(mark, 'cgroupfs') ?? '';
    const slice = cgroupParent(mark, 'systemd') ?? '';
    expect(parent).to.equal(`/docker-builder/${mark.store}/${mark.attempt}`);
    expect(slice).to.match(/^dockerbuilder-[0-9a-f]{32}-[0-9a-f]{32}\.slice$/);
    for (const group of [parent, slice]) {
      expect(attemptOfCgroup(group, mark.store)).to.equal(mark.attempt);
      expect(attemptOfCgroup(group, newMark().store)).to.equal(undefined);
    }
    expect(cgroupParent(mark, 'none')).to.equal(undefined);
    expect(attemptOfCgroup('', mark.store)).to.equal(undefined);
  });

  it('are given back as those of the Dockerfile', () => {
    expect(instructionOf('/bin/sh -c #(nop)  CMD ["a"]')).to.equal('CMD ["a"]');
    expect(instructionOf('/bin/sh -c make all')).to.equal('RUN make all');
    expect(instructionOf('|2 A=1 TOKEN=s3cret /bin/sh -c make all')).to.equal('RUN make all');
    expect(instructionOf('COPY a b # buildkit')).to.equal('COPY a b # buildkit');
  });
});
