import { expect } from 'chai';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { build, sharedBed } from '../engine/builds.ts';
import { bob, push } from '../registry/workshop.ts';
import { runOne } from './runs.ts';

describe('The image of a container', () => {
  let engine: Engine;
  let test: TestEngine;
  let registry: TestRegistry;
  let name = '';
  let digest = '';

  before(async () => {
    ({ engine, test } = await sharedBed());
    registry = await startRegistry({ users: { [bob.username]: bob.password } });
    name = `${registry.host}/acme/tool`;
    const { result } = await build(engine, {
      dockerfile: 'FROM busybox\nCMD ["echo", "from the registry"]\n',
    });
    const pushed = await push({ engine, imageId: result?.id ?? '', repository: name, credential: bob });
    digest = pushed.result?.digest ?? '';
    await forget();
  });
  after(() => registry.close());

  /** So that the next one has to be pulled. */
  const forget = async (): Promise<void> => {
    const ids = await test.docker('images', '-q', name);
    if (ids !== '') await test.docker('rmi', '-f', ...new Set(ids.split('\n')));
  };
  const registries = () => ({ [registry.host]: bob });

  it('is pulled with the credential of its registry where it is missing, by tag and by digest', async () => {
    for (const image of [`${name}@${digest}`, `${name}:1@${digest}`, `${name}:1`]) {
      const { log, fault } = await runOne(engine, { image, registries: registries() });
      expect(fault, image).to.equal(undefined);
      expect(log.text('stdout')).to.equal('from the registry\n');
      expect(log.text('system')).to.match(/^pulled .* layers? .*sha256:[0-9a-f]{64}\n$/);
      if (image !== `${name}:1`) await forget();
    }
    const again = await runOne(engine, { image: `${name}:1`, registries: registries() });
    expect(again.log.text('system')).to.equal('');
    await forget();
  });

  it('is pulled with secrets that the job names', async () => {
    const secrets = { user: bob.username, word: bob.password };
    const credentials = { username: 'user', password: 'word' };
    const { result } = await runOne(engine, { image: `${name}:1`, secrets, credentials });
    expect(result).to.not.equal(undefined);
    await forget();
  });

  it('is not pulled without a credential, with a wrong one or with that of another registry', async () => {
    for (const given of [{}, { [registry.host]: { ...bob, password: 'wrong' } }, { 'docker.io': bob }]) {
      const { fault } = await runOne(engine, { image: `${name}:1`, registries: given });
      expect(fault).to.include({ reason: 'registry_auth', phase: 'clone' });
    }
  });

  it('is asked for each time where that is wished', async () => {
    const order = { image: `${name}:1`, registries: registries(), pull: 'always' } as const;
    expect((await runOne(engine, order)).log.text('system')).to.contain('pulled ');
    expect((await runOne(engine, order)).log.text('system')).to.contain('there already');
    await forget();
  });

  it('may be an id of what the engine has', async () => {
    const { result: first } = await runOne(engine, { script: 'true' });
    const image = first?.imageId ?? '';
    expect((await runOne(engine, { image, script: 'true' })).result).to.deep.equal({ imageId: image });
  });

  it('is not found', async () => {
    const never = await runOne(engine, { image: 'nobody/has-it', pull: 'never' });
    expect(never.fault).to.include({ reason: 'image_not_found', phase: 'clone' });
    const unknownTag = await runOne(engine, { image: `${name}:none`, registries: registries() });
    expect(unknownTag.fault).to.include({ reason: 'image_not_found', retryable: false });
    const unknownId = await runOne(engine, { image: `sha256:${'0'.repeat(64)}` });
    expect(unknownId.fault).to.include({ reason: 'image_not_found' });
  });

  it('is refused by its name', async () => {
    const refused = await runOne(engine, { image: 'evil.example/x', refusedRegistry: 'evil.example' });
    expect(refused.fault).to.include({ reason: 'image_name_refused' });
    const wrong = await runOne(engine, { image: 'No Name' });
    expect(wrong.fault).to.include({ reason: 'container_invalid' });
  });
});
