import { expect } from 'chai';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { startRegistryFront } from '../../fixtures/registryFront.ts';
import { sharedBed } from '../engine/builds.ts';
import { kitBuild } from './kitBuilds.ts';

describe('registries of a build with BuildKit', () => {
  let engine: Engine;
  let test: TestEngine;
  let registry: TestRegistry;
  const credential = { username: 'ann', password: 'pass-of-ann' };

  before(async () => {
    ({ engine, test } = await sharedBed());
    registry = await startRegistry({ users: { [credential.username]: credential.password } });
  });
  after(() => registry.close());

  const ours = (host: string) => (host === registry.host ? credential : undefined);

  it('get the credential of their own host and of no other', async () => {
    await using other = await startRegistryFront({
      answers: () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="other"' } }),
    });
    await push('acme/private:1');
    const asked: string[] = [];
    const registryOf = (host: string) => (asked.push(host), ours(host));

    const made = await kitBuild(engine, {
      dockerfile: `FROM ${registry.host}/acme/private:1\nRUN true\n`,
      options: { pull: true },
      registry: registryOf,
    });
    expect(made.fault).to.equal(undefined);
    expect(asked).to.include(registry.host);

    const { fault } = await kitBuild(engine, {
      dockerfile: `FROM ${other.host}/acme/private:1\n`,
      registry: registryOf,
    });
    expect(fault?.reason).to.equal('base_image_not_found');
    expect(asked).to.include(other.host);
    expect(other.requests).not.to.have.length(0);
    expect(other.requests.filter(({ authorization }) => authorization !== undefined)).to.deep.equal([]);
  });

  it('that refuse or are away are told apart', async () => {
    const dockerfile = `FROM ${registry.host}/acme/private:1\n`;
    const options = { pull: true };
    const wrong = () => ({ username: 'ann', password: 'wrong' });
    const refused = await kitBuild(engine, { dockerfile, options, registry: wrong });
    expect(refused.fault).to.include({ reason: 'base_image_not_found', retryable: false });
    const missing = { dockerfile: `FROM ${registry.host}/acme/none:1\n`, options, registry: ours };
    expect((await kitBuild(engine, missing)).fault?.reason).to.equal('base_image_not_found');
    const away = await kitBuild(engine, { dockerfile: 'FROM 127.0.0.1:9/acme/none:1\n' });
    expect(away.fault).to.include({ reason: 'registry_unreachable', retryable: true });
  });

  it('give back the cache that an image carries, and a word where there is none', async () => {
    const dockerfile = 'FROM busybox\nRUN echo kept > /kept\nCOPY a /a\n';
    const files = { a: 'a' };
    const cached = `${registry.host}/acme/cached:1`;
    await kitBuild(engine, { dockerfile, files, tags: [cached], cache: { inline: true } });
    await pushTag('acme/cached:1');
    await forget(cached);
    const cache = { from: [cached, `${registry.host}/acme/none:1`] };
    const again = await kitBuild(engine, { dockerfile, files, cache, registry: ours });
    expect(again.fault).to.equal(undefined);
    expect(again.result?.steps.filter(({ instruction }) => !instruction.startsWith('FROM'))).to.satisfy(
      (steps: { cached: boolean }[]) => steps.every((step) => step.cached),
    );
    expect(again.log.text('system')).to.include(`no cache to be had from ${registry.host}/acme/none:1`);

    const plain = `${registry.host}/acme/private:1`;
    const missed = await kitBuild(engine, {
      dockerfile: 'FROM busybox\nRUN echo other > /other\n',
      cache: { from: [plain] },
      registry: ours,
    });
    expect(missed.fault).to.equal(undefined);
    expect(missed.log.text('system')).to.include(`no step was in the cache of ${plain}`);
  });

  async function push(name: string): Promise<void> {
    await test.docker('tag', 'busybox', `${registry.host}/${name}`);
    await pushTag(name);
    await test.docker('rmi', `${registry.host}/${name}`);
  }

  async function pushTag(name: string): Promise<void> {
    const [repository = '', tag = ''] = name.split(':');
    const auth = Buffer.from(JSON.stringify({ ...credential, serveraddress: registry.host })).toString(
      'base64',
    );
    const path = `/images/${registry.host}/${repository}/push`;
    const headers = { 'X-Registry-Auth': auth };
    const signal = AbortSignal.timeout(20_000);
    const answer = await engine.open({ method: 'POST', path, query: { tag }, headers, signal });
    let said = '';
    for await (const chunk of answer) said += String(chunk);
    expect(said).not.to.include('errorDetail');
  }

  async function forget(image: string): Promise<void> {
    await test.docker('rmi', image);
    await engine.call({ method: 'POST', path: '/build/prune', query: { all: 1 } });
  }
});
