import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createSshAgent } from '../../../builder/model/buildkit/sshAgent.ts';
import { parseSshKey, type SshKey } from '../../../builder/model/buildkit/sshKey.ts';
import { SshError } from '../../../builder/model/buildkit/sshWire.ts';
import { type MadeKey, makeKey } from './sshKeys.ts';

const run = promisify(execFile);
const kinds: [kind: string, ...options: string[]][] = [
  ['ed25519'],
  ['rsa', '-b', '2048'],
  ['rsa', '-b', '1024', '-m', 'PEM'],
  ['ecdsa', '-b', '256'],
  ['ecdsa', '-b', '384', '-m', 'PKCS8'],
  ['ecdsa', '-b', '521'],
];

describe('the ssh agent', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ssh-agent-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [kind, ...options] of kinds)
    it(`lists a key and signs with it as OpenSSH checks it: ${[kind, ...options].join(' ')}`, async () => {
      const key = await makeKey(folder, kind, options);
      const { listed, checked } = await throughOpenSsh(parseSshKey(key.text), key);
      expect(listed).to.equal(`${key.publicKey} build`);
      expect(checked).to.match(/^Good "tests" signature/);
    });

  it('signs for its own key only, and refuses all else', async () => {
    const agent = createSshAgent(parseSshKey((await makeKey(folder, 'ed25519', ['-a', '1'])).text));
    const asked = (...bytes: number[]) => agent(Buffer.from([0, 0, 0, bytes.length, ...bytes]));
    const refused = Buffer.from([0, 0, 0, 1, 5]);
    expect(asked(13, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0)).to.deep.equal(refused);
    expect(asked(13, 0, 0, 9)).to.deep.equal(refused);
    expect(asked(19)).to.deep.equal(refused);
    expect(asked()).to.deep.equal(refused);
    const request = [0, 0, 0, 1, 19];
    for (const byte of request.slice(0, -1)) expect(agent(Buffer.from([byte]))).to.have.length(0);
    expect(agent(Buffer.from(request.slice(-1)))).to.deep.equal(refused);
    expect(() => agent(Buffer.from([255, 0, 0, 0]))).to.throw(SshError);
  });

  it('says of a key why it cannot be used, and nothing of the key', async () => {
    const locked = await makeKey(folder, 'ed25519', ['-N', 'passphrase']);
    expect(() => parseSshKey(locked.text)).to.throw(SshError, 'passphrase');
    for (const text of [
      '',
      'sesame',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----',
    ])
      expect(() => parseSshKey(text))
        .to.throw(SshError)
        .with.property('message')
        .that.does.not.include('sesame');
  });

  /** What OpenSSH's programs say through a socket that the agent listens on. */
  async function throughOpenSsh(
    key: SshKey,
    { file }: MadeKey,
  ): Promise<{ listed: string; checked: string }> {
    const socket = join(folder, 'agent.sock');
    const server = createServer((connection) => {
      const agent = createSshAgent(key);
      connection.on('data', (bytes) => connection.write(agent(bytes)));
    });
    await once(server.listen(socket), 'listening');
    const env = { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket };
    const message = join(folder, 'message');
    try {
      await writeFile(message, 'to be signed');
      await rm(`${message}.sig`, { force: true });
      const { stdout: listed } = await run('ssh-add', ['-L'], { env });
      // Without the private key beside it, so that only the agent can sign.
      await rm(file.replace(/\.pub$/, ''));
      await run('ssh-keygen', ['-Y', 'sign', '-f', file, '-n', 'tests', message], { env });
      const check = run('ssh-keygen', ['-Y', 'check-novalidate', '-n', 'tests', '-s', `${message}.sig`], {
        env,
      });
      check.child.stdin?.end('to be signed');
      return { listed: listed.trim(), checked: (await check).stdout };
    } finally {
      server.close();
      await once(server, 'close');
    }
  }
});
