import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { type RegistryFront, startRegistryFront } from '../fixtures/registryFront.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';
import { type Receiver, startReceiver } from '../server/notify/receiver.ts';
import { hookSecret, short, values } from './secretValues.ts';

const run = promisify(execFile);

/** Who is who for the registry that is behind all of the fronts. */
export const users = {
  robot: values.settingsRegistry,
  cfg: values.cfgpass,
  file: values.dockerConfig,
  helper: values.credentialHelper,
  pusher: values.dockercfgPass,
};

/** A server that is given a secret in every way there is. */
export interface SecretWorld extends AsyncDisposable {
  world: World;
  /** Hosts of one registry, each with a credential of its own that the server has from elsewhere. */
  hosts: { robot: RegistryFront; cfg: RegistryFront; file: RegistryFront; helper: RegistryFront };
  /** The registry itself, whose credential only a Bobfile has. */
  registry: TestRegistry;
  receiver: Receiver;
  /** Of a job that is called `acme/all`. */
  makeJob(): Promise<void>;
}

export async function openSecretWorld(): Promise<SecretWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'secret-world-'));
  const registry = await startRegistry({ users });
  const front = () => startRegistryFront({ to: registry.port });
  const hosts = { robot: await front(), cfg: await front(), file: await front(), helper: await front() };
  const receiver = await startReceiver();
  await writeDockerConfig(folder, hosts);
  for (const name of ['pem', 'deployKey'] as const) await writeFile(join(folder, name), values[name]);
  const world = await openWorld({
    git: { users: { 'x-access-token': values.apiToken, robot: values.gitCredential } },
    env: {
      PATH: `${folder}/bin:${process.env['PATH']}`,
      DOCKER_CONFIG: folder,
      DOCKER_BUILDER_CFGHOST: hosts.cfg.host,
      DOCKER_BUILDER_CFGUN: 'cfg',
      DOCKER_BUILDER_CFGPASS: values.cfgpass,
      DOCKER_BUILDER_ALLOW_PRIVATE: 'true',
      GIT_PASSWORD: values.gitCredential,
      ROBOT_PASSWORD: values.settingsRegistry,
      PUSH_PASSWORD: values.dockercfgPass,
      NPM: values.npmrc,
      SHORT: short,
    },
  });
  const gitHost = new URL(world.git.url).host;
  const settings = {
    sources: { credentials: [{ host: gitHost, username: 'robot', password: 'env:GIT_PASSWORD' }] },
    registries: [{ host: hosts.robot.host, username: 'robot', password: 'env:ROBOT_PASSWORD' }],
    secrets: [
      { name: 'push', value: 'env:PUSH_PASSWORD', projects: ['acme'] },
      { name: 'npm', value: 'env:NPM', projects: ['acme'] },
      { name: 'short', value: 'env:SHORT', projects: ['acme'] },
      { name: 'pem', value: `file:${folder}/pem`, projects: ['acme'] },
      { name: 'deploy', value: `file:${folder}/deployKey`, projects: ['acme'] },
    ],
  };
  await writeFile(join(world.server.data, 'settings.json'), JSON.stringify(settings));
  await waitFor('the settings', () => /changed settings are in use/.test(world.server.output()));

  async function makeJob(): Promise<void> {
    const body = {
      name: 'all',
      image: { source: { account: 'acme', repo: 'all', ref: 'main' } },
      webhook_url: receiver.url,
      webhook_secret: hookSecret,
    };
    const answer = await world.server.request('/v1/jobs', { method: 'POST', body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`POST /v1/jobs: ${answer.status} ${await answer.text()}`);
  }

  return {
    world,
    hosts,
    registry,
    receiver,
    makeJob,
    async [Symbol.asyncDispose]() {
      await world.close();
      for (const one of Object.values(hosts)) await one[Symbol.asyncDispose]();
      await registry.close();
      await receiver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeDockerConfig(folder: string, { file, helper }: SecretWorld['hosts']): Promise<void> {
  const auth = Buffer.from(`file:${values.dockerConfig}`).toString('base64');
  const config = { auths: { [file.host]: { auth } }, credHelpers: { [helper.host]: 'test' } };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const answer = JSON.stringify({ Username: 'helper', Secret: values.credentialHelper });
  await writeFile(join(folder, 'answer'), answer);
  const program = join(folder, 'bin', 'docker-credential-test');
  await mkdir(join(folder, 'bin'));
  await writeFile(program, `#!/bin/sh\ncat > /dev/null\ncat '${folder}/answer'\n`);
  await chmod(program, 0o755);
}

/** All that `docker save` and `docker history` have of images; layers are uncompressed there. */
export async function insidesOf({ engine }: World, images: readonly string[]): Promise<string> {
  const args = ['save', ...images];
  const env = { PATH: process.env['PATH'], DOCKER_HOST: engine.host };
  const options = { env, encoding: 'latin1', maxBuffer: 512 * 1024 * 1024 } as const;
  const { stdout } = await run('docker', args, options);
  const histories = images.map((image) => engine.docker('history', '--no-trunc', image));
  return [stdout, ...(await Promise.all(histories))].join('\n');
}
