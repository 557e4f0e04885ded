import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { type FrontRequest, startRegistryFront } from '../../fixtures/registryFront.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { build, sharedBed } from '../engine/builds.ts';
import { basicOfBob, bob, newImage, pull, push } from './workshop.ts';

const isManifestPut = ({ method, path }: FrontRequest) => method === 'PUT' && path.includes('/manifests/');

describe('pushing an image', () => {
  let engine: Engine;
  let test: TestEngine;
  let registry: TestRegistry;
  let imageId: string;

  before(async () => {
    ({ engine, test } = await sharedBed());
    registry = await startRegistry({ users: { [bob.username]: bob.password } });
    imageId = await newImage(engine);
  });
  after(() => registry.close());

  it('takes it to the registry with all its tags, from where it comes back by its digest', async () => {
    const repository = `${registry.host}/acme/app`;
    const { result, log } = await push({ engine, imageId, repository, tags: ['1', 'main'], credential: bob });
    expect(result).to.include({ repository }).and.to.have.deep.property('tags', ['1', 'main']);
    const digest = result?.digest ?? '';
    expect(digest).to.match(/^sha256:[0-9a-f]{64}$/);
    expect(
      log
        .text()
        .replaceAll(/of \d+ bytes/g, 'of N bytes')
        .split('\n'),
    ).to.deep.equal([
      `pushed ${repository}:1: 0.0 MB in 1 layer; ${digest} of N bytes`,
      `pushed ${repository}:main: 0.0 MB in 0 layers, 1 layer there already; ${digest} of N bytes`,
      '',
    ]);
    await test.docker('rmi', '-f', imageId);
    expect(await pull(engine, `${repository}@${digest}`)).to.include('no basic auth credentials');
    expect(await pull(engine, `${repository}@${digest}`, bob)).to.equal('');
    expect(await test.docker('inspect', '-f', '{{.Id}}', `${repository}@${digest}`)).to.equal(imageId);
  });

  it('is refused without a credential and with a wrong one, at once and without a word of it', async () => {
    const repository = `${registry.host}/acme/refused`;
    for (const credential of [undefined, { ...bob, password: 'a-wrong-one' }, { ...bob, username: 'eve' }]) {
      const { fault, log } = await push({ engine, imageId, repository, credential });
      expect(fault).to.include({ reason: 'registry_auth', phase: 'push', retryable: false });
      expect(log.text() + String(fault)).to.not.match(/wrong-one|secret/);
      expect(log.text()).to.equal('');
    }
  });

  it('refuses names that are none, before the engine is asked', async () => {
    for (const [repository, tag] of [
      ['a/b', '-x'],
      ['a/b', ''],
      ['a/b:1', '1'],
      ['A/b', '1'],
      ['a/b', '../../x'],
    ] as const) {
      const { fault } = await push({ engine, imageId, repository, tags: [tag] });
      expect(fault).to.include({ reason: 'build_invalid', phase: 'push' });
    }
  });

  it('refuses an image that is not there', async () => {
    const order = { engine, imageId: `sha256:${'0'.repeat(64)}`, repository: `${registry.host}/x` };
    expect((await push(order)).fault).to.include({ reason: 'build_invalid', phase: 'push' });
  });

  it('gives each of two builds its own digest where both push the same name at once', async () => {
    const ids = await Promise.all([newImage(engine), newImage(engine)]);
    const repository = `${registry.host}/acme/same`;
    const pushes = await Promise.all(
      ids.map((id) => push({ engine, imageId: id, repository, credential: bob })),
    );
    for (const [i, { result }] of pushes.entries()) {
      const name = `${repository}@${result?.digest}`;
      expect(await pull(engine, name, bob)).to.equal('');
      expect(await test.docker('inspect', '-f', '{{.Id}}', name)).to.equal(ids[i]);
    }
  });

  it('is tried again where the registry fails by itself', async () => {
    let failures = 2;
    await using front = await startRegistryFront({
      to: registry.port,
      answers: (request) => (isManifestPut(request) && failures-- > 0 ? { status: 502 } : undefined),
    });
    const { result, log } = await push({ engine, imageId, repository: `${front.host}/a`, credential: bob });
    expect(result?.digest).to.match(/^sha256:/);
    expect(log.text().match(/502 Bad Gateway; tried again in 0\.\d s\n/g)).to.have.length(2);
  });

  it('fails where the registry dies in the middle of it, and works when it is back', async () => {
    let mayDie = true;
    await using front = await startRegistryFront({
      to: registry.port,
      async answers(request) {
        if (!isManifestPut(request) || !mayDie) return undefined;
        mayDie = false;
        await registry.kill();
        return 'cut';
      },
    });
    const order = { engine, imageId, repository: `${front.host}/b`, credential: bob };
    const { fault, log } = await push(order);
    expect(fault).to.include({ reason: 'registry_unreachable', phase: 'push', retryable: true });
    expect(log.text().match(/; tried again in /g)).to.have.length(3);
    await registry.restart();
    expect((await push(order)).fault).to.equal(undefined);
  });

  it('stops when it is told to, and the registry gets no more', async () => {
    const layerBytes = 24_000_000;
    const dockerfile = `FROM busybox\nRUN head -c ${layerBytes} /dev/urandom > /x\n`;
    const { result } = await build(engine, { dockerfile, options: { noCache: true } });
    const held = Promise.withResolvers<undefined>();
    const isUpload = ({ method }: FrontRequest) => method === 'PATCH';
    await using front = await startRegistryFront({
      to: registry.port,
      answers: (request) => (isUpload(request) ? held.promise : undefined),
    });
    const stop = new AbortController();
    const reason = new BuildFault('canceled', 'somebody canceled the run');
    const before = await registry.storedBytes();
    const order = { engine, imageId: result?.id ?? '', repository: `${front.host}/c`, credential: bob };
    const pushing = push({ ...order, signal: stop.signal });
    await waitFor('the upload', () => front.requests.some(isUpload));
    stop.abort(reason);
    expect((await pushing).fault).to.equal(reason);
    // From here on all goes through that the engine still sends.
    held.resolve(undefined);
    await waitFor('the engine hangs up', () => front.openConnections() === 0);
    expect((await registry.storedBytes()) - before).to.be.below(layerBytes);
    expect(front.requests.some(isManifestPut)).to.equal(false);
  });

  it('waits in turn no longer than it is let', async () => {
    const held = Promise.withResolvers<{ status: number }>();
    await using front = await startRegistryFront({ answers: () => held.promise });
    const first = push({ engine, imageId, repository: `${front.host}/d` });
    await waitFor('the first push', () => front.requests.length > 0);
    const stop = new AbortController();
    const second = push({ engine, imageId, repository: `${front.host}/d`, signal: stop.signal });
    stop.abort(new BuildFault('canceled', 'enough'));
    expect((await second).fault?.reason).to.equal('canceled');
    held.resolve({ status: 401 });
    expect((await first).fault?.reason).to.equal('registry_auth');
  });
});

describe('the credential of a registry', () => {
  let engine: Engine;
  let test: TestEngine;
  let registry: TestRegistry;

  before(async () => {
    ({ engine, test } = await sharedBed());
    registry = await startRegistry({ users: { [bob.username]: bob.password } });
  });
  after(() => registry.close());

  /** Puts an image into the registry only. */
  async function privateImage(): Promise<string> {
    const imageId = await newImage(engine);
    await push({ engine, imageId, repository: `${registry.host}/private/base`, credential: bob });
    await test.docker('rmi', '-f', imageId);
    return `${registry.host}/private/base:1`;
  }

  it('lets a build be FROM a private image', async () => {
    const dockerfile = `FROM ${await privateImage()}\nCOPY y /y\n`;
    const files = { y: 'y' };
    const without = await build(engine, { dockerfile, files });
    expect(without.fault?.reason).to.equal('base_image_not_found');
    const registries = new Map([['other.example', bob]]);
    const withAnother = await build(engine, { dockerfile, files, registries });
    expect(withAnother.fault?.reason).to.equal('base_image_not_found');
    registries.set(registry.host, bob);
    const { result, fault } = await build(engine, { dockerfile, files, registries });
    expect(fault).to.equal(undefined);
    expect(result?.layers).to.have.length(2);
  });

  it('goes to no other host, whatever that one says that it is', async () => {
    const challenge = `Basic realm="http://${registry.host}"`;
    await using evil = await startRegistryFront({
      answers: () => ({ status: 401, headers: { 'www-authenticate': challenge } }),
    });
    const registries = new Map([
      [registry.host, bob],
      ['docker.io', bob],
    ]);
    const { fault } = await build(engine, { dockerfile: `FROM ${evil.host}/library/x\n`, registries });
    expect(fault?.reason).to.equal('base_image_not_found');
    expect(evil.requests).to.not.be.empty;
    expect(evil.requests.filter(({ authorization }) => authorization !== undefined)).to.deep.equal([]);
  });

  it('goes to its own host with a push', async () => {
    await using front = await startRegistryFront({ to: registry.port });
    const imageId = await newImage(engine);
    await push({ engine, imageId, repository: `${front.host}/a`, credential: bob });
    const shown = new Set(front.requests.map(({ authorization }) => authorization));
    expect(shown).to.deep.equal(new Set([undefined, basicOfBob]));
  });
});
