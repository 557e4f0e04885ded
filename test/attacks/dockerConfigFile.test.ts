import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { BuildFault } from '../../builder/model/faults.ts';
import { dockerConfigCredential } from '../../builder/steps/registry/dockerConfig.ts';

const run = promisify(execFile);

/** The file belongs to the server, but other programs write it, and builds name the hosts that are looked up in it. */
describe("attack: the docker command line's configuration", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'docker-config-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function ask(config: string, host: string): Promise<unknown> {
    await writeFile(join(folder, 'config.json'), config);
    return answer(host);
  }

  async function answer(host: string): Promise<unknown> {
    const env = { PATH: `${folder}:${process.env['PATH']}`, DOCKER_CONFIG: folder };
    try {
      return await dockerConfigCredential(host, { env, signal: AbortSignal.timeout(5000) });
    } catch (error) {
      if (!(error instanceof BuildFault)) throw error;
      expect(error.reason).to.equal('registry_auth');
      return error.message;
    }
  }

  const nothing = [
    'null',
    '[]',
    '5',
    '"auths"',
    '{"auths":[],"credHelpers":[],"credsStore":[]}',
    '{"auths":null,"credHelpers":"x","credsStore":{"a":1}}',
    '{"auths":{"quay.io":null}}',
    '{"auths":{"quay.io":{"auth":"%%%"}}}',
    '{"auths":{"quay.io":{"auth":{"toString":"x"}}}}',
    '{"auths":{"quay.io":{"username":{"a":1},"password":"p"}}}',
    '{"__proto__":{"credsStore":"evil"},"auths":{"__proto__":{"quay.io":{"username":"a","password":"b"}}}}',
    '{"auths":{"https://evil.example/quay.io":{"username":"a","password":"b"},"quay.io@evil":{"username":"a","password":"b"}}}',
  ];
  for (const config of nothing)
    it(`has nothing in ${config.slice(0, 70)}`, async () => {
      for (const host of ['quay.io', 'docker.io', 'constructor', '__proto__'])
        expect(await ask(config, host), host).to.equal(undefined);
    });

  it('starts no program but a credential helper', async () => {
    const marker = join(folder, 'marker');
    const names = [
      '../../bin/sh',
      '/bin/sh',
      `x; touch ${marker}`,
      `$(touch ${marker})`,
      '-x',
      'a b',
      'x\ny',
      '..',
    ];
    for (const name of names) {
      expect(await ask(JSON.stringify({ credsStore: name }), 'quay.io'), name).to.match(
        /no name of a program/,
      );
      const one = JSON.stringify({ credHelpers: { 'quay.io': name } });
      expect(await ask(one, 'quay.io'), name).to.match(/no name of a program/);
    }
    expect(existsSync(marker)).to.equal(false);
  });

  it('is not waited for, nor read without end', async () => {
    await run('mkfifo', [join(folder, 'config.json')]);
    expect(await answer('quay.io')).to.match(/no file of at most 1 MiB/);
    await rm(join(folder, 'config.json'));
    expect(await ask(`{"a":"${'x'.repeat(1024 * 1024)}"}`, 'quay.io')).to.match(/no file of at most 1 MiB/);
    expect(await ask('['.repeat(500_000), 'quay.io')).to.match(/it is no JSON|cannot be used/);
  });
});
