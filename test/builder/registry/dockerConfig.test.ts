import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import { dockerConfigCredential } from '../../../builder/steps/registry/dockerConfig.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const hub = 'https://index.docker.io/v1/';

describe("the docker command line's configuration", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-config-'));
    await mkdir(join(folder, 'bin'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function configure(config: object | string): Promise<void> {
    return writeFile(
      join(folder, 'config.json'),
      typeof config === 'string' ? config : JSON.stringify(config),
    );
  }

  /** A credential helper that is a shell script; it may use `$input`, what it was asked for. */
  async function helper(name: string, script: string): Promise<void> {
    const path = join(folder, 'bin', `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\ninput=$(cat)\ntest "$*" = get || exit 9\n${script}\n`);
    await chmod(path, 0o755);
  }

  async function ask(host: string, signal = new AbortController().signal): Promise<unknown> {
    const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, DOCKER_CONFIG: folder };
    try {
      return await dockerConfigCredential(host, { env, signal });
    } catch (error) {
      if (!(error instanceof BuildFault)) throw error;
      return `${error.reason}: ${error.message}`;
    }
  }

  const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });
  const bob = { username: 'bob', password: 'a:b' };

  const cases: [what: string, auths: object, host: string, credential: object | undefined][] = [
    ['by its host', { 'quay.io': auth('bob:a:b') }, 'quay.io', bob],
    ['by its host and port', { 'r.example:5000': auth('bob:a:b') }, 'r.example:5000', bob],
    ['by an old address', { 'https://Quay.io/v1/': auth('bob:a:b\0\0') }, 'quay.io', bob],
    ['of Docker Hub', { [hub]: auth('bob:a:b') }, 'docker.io', bob],
    ['of Docker Hub by its old name', { 'index.docker.io': auth('bob:a:b') }, 'docker.io', bob],
    [
      'in plain',
      { 'q.io': { username: 'bob', password: 'a:b', email: 'b@x' } },
      'q.io',
      { ...bob, email: 'b@x' },
    ],
    [
      'that is an identity token',
      { 'q.io': { ...auth('bob:'), identitytoken: 't' } },
      'q.io',
      { identityToken: 't' },
    ],
    ['of another host', { 'quay.io': auth('bob:a:b') }, 'docker.io', undefined],
    ['of a host with another port', { 'r.example:5000': auth('bob:a:b') }, 'r.example', undefined],
    ['of a host whose name begins so', { 'r.example.evil': auth('bob:a:b') }, 'r.example', undefined],
    ['that is empty', { 'quay.io': {} }, 'quay.io', undefined],
    ['that is broken', { 'quay.io': { auth: 5, username: [] } }, 'quay.io', undefined],
  ];
  for (const [what, auths, host, credential] of cases)
    it(`gives a credential ${what}: ${credential ? 'yes' : 'no'}`, async () => {
      await configure({ auths });
      expect(await ask(host)).to.deep.equal(credential);
    });

  it('is empty where there is none', async () => {
    expect(await ask('quay.io')).to.equal(undefined);
  });

  it('is refused where it is no JSON, without showing it', async () => {
    await configure('{"auths": {"quay.io": {"auth": "c2VjcmV0"');
    expect(await ask('quay.io')).to.match(/^registry_auth: .*config\.json cannot be used: it is no JSON$/);
  });

  it('asks the helper of a host before the one for all, and tells it the host only', async () => {
    await helper('one', `echo "$input" > ${folder}/asked; echo '{"Username":"bob","Secret":"a:b"}'`);
    await helper('all', `echo '{"Username":"<token>","Secret":"t"}'`);
    await configure({
      credHelpers: { 'quay.io': 'one' },
      credsStore: 'all',
      auths: { 'quay.io': auth('x:y') },
    });
    expect(await ask('quay.io')).to.deep.equal(bob);
    expect(await readFile(join(folder, 'asked'), 'utf8')).to.equal('quay.io\n');
    expect(await ask('docker.io')).to.deep.equal({ identityToken: 't' });
  });

  it('has nothing where the helper has nothing', async () => {
    await helper('all', 'echo "credentials not found in native keychain"; exit 1');
    await configure({ credsStore: 'all' });
    expect(await ask('quay.io')).to.equal(undefined);
  });

  it('says why a helper failed, and never what it printed as a secret', async () => {
    const failures: [script: string, said: RegExp][] = [
      [
        'echo "the keychain is locked"; exit 1',
        /^registry_auth: .*docker-credential-all failed: the keychain is locked$/,
      ],
      ['exit 3', /failed: it ended with exit code 3$/],
      ['echo secret', /failed: it printed what is no JSON$/],
    ];
    await configure({ credsStore: 'all' });
    for (const [script, said] of failures) {
      await helper('all', script);
      expect(await ask('quay.io')).to.match(said);
    }
    await configure({ credsStore: 'none-such' });
    expect(await ask('quay.io')).to.match(/there is no such program in PATH$/);
    await configure({ credsStore: '../../bin/sh' });
    expect(await ask('quay.io')).to.match(/that is no name of a program$/);
  });

  it('ends a helper that hangs, with all that it started', async () => {
    await helper('all', `sleep 600 & echo $! > ${folder}/pid; wait`);
    await configure({ credsStore: 'all' });
    const stop = new AbortController();
    const asking = ask('quay.io', stop.signal);
    const pidOf = () => readFile(join(folder, 'pid'), 'utf8').catch(() => '');
    const pid = Number(await waitFor('the helper', pidOf));
    stop.abort(new BuildFault('canceled', 'enough'));
    expect(await asking).to.equal('canceled: enough');
    await waitFor('the end of what it started', async () => {
      const state = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX');
      return /^State:\s+[XZ]/m.test(state);
    });
  });
});
