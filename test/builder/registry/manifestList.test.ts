import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { type ManifestListPush, pushManifestList } from '../../../builder/steps/registry/manifestList.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { type FrontRequest, type Reply, startRegistryFront } from '../../fixtures/registryFront.ts';
import { memoryLog, sharedBed } from '../engine/builds.ts';
import { basicOfBob, bob, newImage, pull, push } from './workshop.ts';

const list = 'application/vnd.docker.distribution.manifest.list.v2+json';
const index = 'application/vnd.oci.image.index.v1+json';

describe('pushing a manifest list', () => {
  let engine: Engine;
  let test: TestEngine;
  let registry: TestRegistry;
  let open: TestRegistry;
  let native: string;
  let imageIds: string[];
  let digests: string[];

  before(async () => {
    ({ engine, test } = await sharedBed());
    registry = await startRegistry({ users: { [bob.username]: bob.password } });
    open = await startRegistry();
    native = await test.docker('version', '-f', '{{.Server.Os}}/{{.Server.Arch}}');
    imageIds = [await newImage(engine), await newImage(engine)];
    digests = await pushBoth(registry.host);
    await pushBoth(open.host);
  });
  after(() => Promise.all([registry.close(), open.close()]));

  async function pushBoth(host: string): Promise<string[]> {
    const pushed: string[] = [];
    for (const [i, imageId] of imageIds.entries()) {
      const order = { engine, imageId, repository: `${host}/acme/app`, tags: [`part-${i}`], credential: bob };
      pushed.push((await push(order)).result?.digest ?? '');
    }
    return pushed;
  }

  async function pushList(order: Partial<ManifestListPush>) {
    const log = memoryLog();
    try {
      const result = await pushManifestList({
        repository: `${registry.host}/acme/app`,
        tags: ['1', 'latest'],
        platforms: [
          { platform: 'linux/s390x', digest: digests[0] ?? '' },
          { platform: native, digest: digests[1] ?? '' },
        ],
        log,
        signal: new AbortController().signal,
        firstPauseMs: 20,
        ...order,
      });
      return { result, fault: undefined, log };
    } catch (error) {
      if (!(error instanceof BuildFault)) throw error;
      return { result: undefined, fault: error, log };
    }
  }

  async function read(host: string, name: string): Promise<{ type: string | null; manifest: unknown }> {
    const headers = { accept: `${list}, ${index}`, authorization: basicOfBob };
    const answer = await fetch(`http://${host}/v2/acme/app/manifests/${name}`, { headers });
    return { type: answer.headers.get('content-type'), manifest: await answer.json() };
  }

  it('gives whoever pulls the image of his platform', async () => {
    const { result, log } = await pushList({ credential: bob });
    const { type, manifest } = await read(registry.host, result?.digest ?? '');
    expect(type).to.equal(list);
    const [os, architecture] = native.split('/');
    expect(manifest).to.have.property('manifests').with.length(2);
    expect(manifest)
      .to.have.nested.property('manifests[0].platform')
      .deep.equal({ architecture: 's390x', os: 'linux' });
    expect(manifest).to.have.nested.property('manifests[1].platform').deep.equal({ architecture, os });
    expect((await read(registry.host, 'latest')).manifest).to.deep.equal(manifest);
    await test.docker('rmi', '-f', ...imageIds);
    expect(await pull(engine, `${registry.host}/acme/app:1`, bob)).to.equal('');
    expect(await test.docker('inspect', '-f', '{{.Id}}', `${registry.host}/acme/app:1`)).to.equal(
      imageIds[1],
    );
    expect(log.text()).to.include(
      `pushed ${registry.host}/acme/app:latest for 2 platforms: ${result?.digest}\n`,
    );
  });

  it('may hold what is a list itself', async () => {
    const platforms = [{ platform: 'linux/arm/v7', digest: digests[0] ?? '' }];
    const inner = await pushList({ credential: bob, platforms, tags: ['inner'] });
    const digest = inner.result?.digest ?? '';
    const { result } = await pushList({ credential: bob, platforms: [{ platform: native, digest }] });
    const { manifest } = await read(registry.host, result?.digest ?? '');
    expect(manifest).to.have.property('manifests').with.length(1);
    expect(manifest).to.have.nested.property('manifests[0].platform.variant', 'v7');
  });

  it('is refused without a credential, with a wrong one, and of images that are not there', async () => {
    expect((await pushList({})).fault).to.include({ reason: 'registry_auth', phase: 'push' });
    const wrong = await pushList({ credential: { ...bob, password: 'a-wrong-one' } });
    expect(wrong.fault).to.include({ reason: 'registry_auth', retryable: false });
    expect(wrong.log.text() + String(wrong.fault)).to.not.include('wrong-one');
    const platforms = [{ platform: native, digest: `sha256:${'0'.repeat(64)}` }];
    expect((await pushList({ credential: bob, platforms })).fault?.reason).to.equal('registry_denied');
    for (const tags of [[], ['../x']])
      expect((await pushList({ credential: bob, tags })).fault?.reason).to.equal('build_invalid');
    expect((await pushList({ credential: bob, platforms: [] })).fault?.reason).to.equal('build_invalid');
  });

  it('is tried again where the registry is away, asks for time or fails, and not for ever', async () => {
    const replies: (Reply | undefined)[] = [
      { status: 503 },
      { status: 429, headers: { 'retry-after': '0' } },
      'cut',
      undefined,
    ];
    const answers = () => replies.shift();
    await using front = await startRegistryFront({ to: registry.port, answers });
    const again = await pushList({ repository: `${front.host}/acme/app`, credential: bob });
    expect(again.fault).to.equal(undefined);
    expect(again.log.text().match(/; tried again in /g)).to.have.length(3);
    await registry.kill();
    const { fault } = await pushList({ credential: bob });
    expect(fault).to.include({ reason: 'registry_unreachable', retryable: true });
    await registry.restart();
  });

  describe('by a token', () => {
    /** A registry that wants tokens, in front of one that wants nothing. */
    function wantsToken(challenge: string) {
      return ({ authorization }: FrontRequest): Reply | undefined =>
        authorization === 'Bearer t0ken'
          ? undefined
          : { status: 401, headers: { 'www-authenticate': challenge } };
    }
    const gives = (body: object): Reply => ({ status: 200, body: JSON.stringify(body) });

    it('shows the credential to the token server that the registry names, and the token to the registry', async () => {
      await using tokens = await startRegistryFront({ answers: () => gives({ token: 't0ken' }) });
      const challenge = `Bearer realm="${tokens.url}/token?a=b",service="a registry",scope="repository:x:y"`;
      await using front = await startRegistryFront({ to: open.port, answers: wantsToken(challenge) });
      const { result } = await pushList({ repository: `${front.host}/acme/app`, credential: bob });
      expect(result?.digest).to.match(/^sha256:/);
      expect(tokens.requests).to.have.length(1);
      expect(tokens.requests[0]).to.include({
        authorization: basicOfBob,
        path: '/token?a=b&service=a+registry&scope=repository%3Aacme%2Fapp%3Apull%2Cpush',
      });
      const shown = new Set(front.requests.map(({ authorization }) => authorization));
      expect([...shown]).to.deep.equal([undefined, 'Bearer t0ken']);
    });

    it('gives an identity token in the body of a form', async () => {
      await using tokens = await startRegistryFront({ answers: () => gives({ access_token: 't0ken' }) });
      const challenge = `Bearer realm="${tokens.url}/token"`;
      await using front = await startRegistryFront({ to: open.port, answers: wantsToken(challenge) });
      const credential = { identityToken: 'refresh&me' };
      const { fault } = await pushList({ repository: `${front.host}/acme/app`, credential });
      expect(fault).to.equal(undefined);
      expect(tokens.requests[0]).to.include({ method: 'POST', path: '/token', authorization: undefined });
      expect(tokens.requests[0]?.body).to.include('refresh_token=refresh%26me');
    });

    const realms = ['http://192.0.2.1/token', 'ftp://127.0.0.1/', 'token', 'http://u:p@127.0.0.1/', ''];
    for (const realm of realms)
      it(`shows it to nobody at "${realm}"`, async () => {
        const answers = wantsToken(`Bearer realm="${realm}"`);
        await using front = await startRegistryFront({ to: open.port, answers });
        const { fault } = await pushList({ repository: `${front.host}/acme/app`, credential: bob });
        expect(fault).to.include({ reason: 'registry_auth', retryable: false });
        expect(front.requests).to.have.length(1);
      });

    it('fails where the token server refuses the credential or says nothing of use', async () => {
      for (const reply of [
        { status: 401 },
        gives({}),
        gives({ token: 'a\nb' }),
        { status: 200, body: 'x' },
      ]) {
        await using tokens = await startRegistryFront({ answers: () => reply });
        const answers = wantsToken(`Bearer realm="${tokens.url}/token"`);
        await using front = await startRegistryFront({ to: open.port, answers });
        const { fault } = await pushList({ repository: `${front.host}/acme/app`, credential: bob });
        expect(fault?.reason).to.equal('registry_auth');
      }
    });
  });

  it('follows a registry to where its data are, without the credential', async () => {
    await using data = await startRegistryFront({ to: open.port });
    const answers = ({ method, path, authorization }: FrontRequest): Reply | undefined => {
      if (authorization === undefined)
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
      return method === 'GET' ? { status: 307, headers: { location: data.url + path } } : undefined;
    };
    await using front = await startRegistryFront({ to: open.port, answers });
    const { fault } = await pushList({ repository: `${front.host}/acme/app`, credential: bob });
    expect(fault).to.equal(undefined);
    expect(data.requests.map(({ authorization }) => authorization)).to.deep.equal([undefined, undefined]);
  });

  it('goes nowhere else: not with a manifest, not to plain HTTP of another machine, not in a circle', async () => {
    const place = ({ path }: FrontRequest) => path;
    const locations: ((request: FrontRequest) => string)[] = [
      place,
      () => 'http://192.0.2.1/',
      () => 'file:///x',
    ];
    for (const location of locations) {
      const answers = (request: FrontRequest) => ({ status: 307, headers: { location: location(request) } });
      await using front = await startRegistryFront({ answers });
      const { fault } = await pushList({ repository: `${front.host}/acme/app`, credential: bob });
      expect(fault?.reason).to.equal('push_failed');
      expect(front.requests).to.have.length.below(5);
    }
    const answers = ({ method }: FrontRequest): Reply | undefined =>
      method === 'PUT' ? { status: 307, headers: { location: 'http://192.0.2.1/' } } : undefined;
    await using front = await startRegistryFront({ to: open.port, answers });
    const { fault } = await pushList({ repository: `${front.host}/acme/app` });
    expect(fault?.reason).to.equal('push_failed');
  });

  it('believes no registry that gives something else than it was asked for', async () => {
    await using front = await startRegistryFront({ answers: () => ({ status: 200, body: '{}' }) });
    const { fault } = await pushList({ repository: `${front.host}/acme/app` });
    expect(fault?.reason).to.equal('push_failed');
    await using huge = await startRegistryFront({ answers: () => ({ status: 200, body: 'x'.repeat(5e6) }) });
    expect((await pushList({ repository: `${huge.host}/a` })).fault?.message).to.include(
      'more than a manifest',
    );
  });

  it('stops when it is told to', async () => {
    await using front = await startRegistryFront({ answers: () => new Promise(() => undefined) });
    const stop = new AbortController();
    const pushing = pushList({ repository: `${front.host}/a`, signal: stop.signal });
    const reason = new BuildFault('canceled', 'enough');
    stop.abort(reason);
    expect((await pushing).fault).to.equal(reason);
  });
});
