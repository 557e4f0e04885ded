import { expect } from 'chai';
import { BuildFault } from '../../builder/model/faults.ts';
import { accessPolicyOf } from '../../server/accessPolicy.ts';
import { readEnvironment } from '../../server/config/environment.ts';
import { checkSettings, type SettingsDraft } from '../../server/config/settingsSchema.ts';
import type { ConfigurationState, Registry } from '../../server/configuration.ts';
import { buildAccess } from '../../server/room/buildAccess.ts';
import type { RunRequest } from '../../server/words/run.ts';

const login = { username: 'robot', password: 'pass' };

interface Given {
  settings?: SettingsDraft;
  registries?: Registry[];
  env?: Record<string, string>;
}

describe('what a build may use', () => {
  const learnt: string[] = [];
  beforeEach(() => learnt.splice(0));

  function accessOf(given: Given, project: string, ref = 'main', request: RunRequest = {}) {
    const { settings } = checkSettings(given.settings ?? {});
    const state: ConfigurationState = {
      environment: readEnvironment(given.env ?? {}),
      current: {
        settings,
        credentials: new Map(),
        secrets: new Map(settings.secrets.map(({ name }) => [name, `value of ${name}`])),
        registries: given.registries ?? [],
      },
    };
    const job = {
      project,
      definition: { image: { source: { account: project, repo: 'app' }, dockerfile: 'Dockerfile' } },
    };
    const policy = accessPolicyOf(state, { DOCKER_CONFIG: '/nowhere' });
    return buildAccess(job, { ref, request }, policy, {
      learn: (secret) => learnt.push(secret),
      owners: async (folder) => (folder === 'taken' ? ['Taken'] : []),
    });
  }

  const hub: Registry = { host: 'docker.io', path: undefined, projects: ['acme'], credential: login };
  const shared: Registry = { host: 'r.example', path: 'acme', projects: ['acme'], credential: undefined };

  it('is the credential of exactly the host, for the projects that the settings name', async () => {
    const registries = [hub];
    expect(await accessOf({ registries }, 'acme').registry('docker.io')).to.deep.equal(login);
    expect(learnt).to.deep.equal(['pass']);
    expect(await accessOf({ registries }, 'acme').registry('r.example')).to.equal(undefined);
    expect(await accessOf({ registries }, 'other').registry('docker.io')).to.equal(undefined);
  });

  it('is the credential of the environment for its host, unless the settings know that host', async () => {
    const env = {
      DOCKER_BUILDER_CFGUN: 'me',
      DOCKER_BUILDER_CFGPASS: 'mine',
      DOCKER_BUILDER_CFGEMAIL: 'me@x',
    };
    const mine = { username: 'me', password: 'mine', email: 'me@x' };
    expect(await accessOf({ env }, 'any').registry('docker.io')).to.deep.equal(mine);
    expect(await accessOf({ env }, 'any').registry('r.example')).to.equal(undefined);
    expect(await accessOf({ env, registries: [hub] }, 'any').registry('docker.io')).to.equal(undefined);
  });

  it('is a name that belongs to nobody else', async () => {
    const access = accessOf({ registries: [shared] }, 'other');
    expect(await access.refusedName('r.example/acme/app')).to.match(/do not let other/);
    expect(await access.refusedName('r.example/acme')).to.match(/do not let other/);
    expect(await access.refusedName('r.example/acmes/app')).to.equal(undefined);
    expect(await accessOf({ registries: [shared] }, 'acme').refusedName('r.example/acme/app')).to.equal(
      undefined,
    );
    expect(await access.refusedName('busybox')).to.match(/Docker's own/);
    expect(await access.refusedName('docker.io/library/busybox')).to.match(/Docker's own/);
    expect(await access.refusedName('Not A Name')).to.match(/no name of an image/);
    expect(await access.refusedName('taken/app')).to.match(/an image of the project Taken/);
    expect(await accessOf({}, 'Taken').refusedName('taken/app')).to.equal(undefined);
    const given: Registry = { ...hub, path: 'taken', projects: ['other'] };
    expect(await accessOf({ registries: [given] }, 'other').refusedName('taken/app')).to.equal(undefined);
  });

  it('is a secret by its name, for its projects', async () => {
    const settings = { secrets: [{ name: 'npm', value: 'env:X', projects: ['acme'] }] };
    expect(await accessOf({ settings }, 'acme').secret('npm')).to.equal('value of npm');
    expect(learnt).to.deep.equal(['value of npm']);
    for (const [project, name] of [
      ['other', 'npm'],
      ['acme', 'constructor'],
    ] as const) {
      const fault = await accessOf({ settings }, project)
        .secret(name)
        .catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(BuildFault).and.include({ reason: 'secret_refused' });
    }
  });

  it('is next to nothing for a proposed change, unless the settings say more of its repository', async () => {
    const settings = {
      secrets: [{ name: 'npm', value: 'env:X', projects: ['*'] }],
      pullRequests: [{ account: 'trusting', repo: 'app', secrets: true, push: true }],
    };
    const registries = [{ ...hub, projects: ['*'] }];
    const given = { settings, registries };
    for (const ref of ['refs/pull/1/head', 'refs/pull/1/merge', 'refs/merge-requests/2/head']) {
      const access = accessOf(given, 'acme', ref);
      expect(access).to.include({ push: false, cacheExport: false, ownBobfile: false, realNames: false });
      expect(await access.registry('docker.io')).to.equal(undefined);
      expect(await access.secret('npm').catch((error: unknown) => error)).to.be.instanceOf(BuildFault);
    }
    // A child run has the commit for its ref: what its parent was asked for decides.
    const part = { image: 'app', platform: 'linux/arm64', ref: 'refs/pull/1/head' };
    expect(accessOf(given, 'acme', 'c'.repeat(40), { part })).to.include({ push: false, ownBobfile: false });
    const trusted = accessOf(given, 'trusting', 'refs/pull/1/head');
    expect(trusted).to.include({ push: true, cacheExport: false, ownBobfile: false, realNames: true });
    expect(await trusted.secret('npm')).to.equal('value of npm');
    expect(accessOf(given, 'acme', 'refs/heads/refs/pull/1')).to.include({ push: true });
  });

  it('is no push where the environment says so', () => {
    const access = accessOf({ env: { DOCKER_BUILDER_SKIPPUSH: 'true' } }, 'acme');
    expect(access).to.include({ push: false, realNames: true });
  });
});
