import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEngineAddress } from '../../../server/config/engineAddress.ts';
import { ConfigError } from '../../../server/config/mistakes.ts';
import { resolveReference } from '../../../server/config/reference.ts';
import { checkSettings } from '../../../server/config/settingsSchema.ts';
import { allowedServers, sourceTemplate } from '../../../server/config/sources.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'secrets-'))));
afterEach(() => rm(folder, { recursive: true }));

async function fileWith(content: string | Buffer): Promise<string> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  return path;
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof ConfigError) return error.message;
  throw new Error('nothing was refused');
}

describe('reference to a secret', () => {
  it('names an environment variable or a file', async () => {
    expect(await resolveReference('env:PASS', { PASS: 's3cret' })).to.equal('s3cret');
    expect(await resolveReference(`file:${await fileWith('two\nlines\n')}`)).to.equal('two\nlines');
  });

  it('says what is wrong, and never the value', async () => {
    expect(await refusalOf(resolveReference('env:PASS', {}))).to.equal('env:PASS: is not set');
    expect(await refusalOf(resolveReference('file:/nowhere'))).to.match(
      /^file:\/nowhere: cannot be read: ENOENT/,
    );
    expect(await refusalOf(resolveReference(`file:${folder}`))).to.include('is not a regular file');
    expect(await refusalOf(resolveReference(`file:${await fileWith('')}`))).to.include('is empty');
    expect(await refusalOf(resolveReference(`file:${await fileWith(Buffer.alloc(70_000))}`))).to.include(
      'more than',
    );
    expect(await refusalOf(resolveReference('hunter2'))).to.not.include('hunter2');
  });
});

describe('address of an engine', () => {
  it('is a socket, a port, or a port with certificates', async () => {
    const path = await fileWith('PEM');
    expect(await readEngineAddress({ name: 'a', address: 'unix:///run/d.sock' })).to.deep.equal({
      kind: 'socket',
      path: '/run/d.sock',
    });
    expect(await readEngineAddress({ name: 'a', address: 'tcp://[::1]:2375' })).to.deep.equal({
      kind: 'tcp',
      host: '::1',
      port: 2375,
    });
    const certificates = { ca: Buffer.from('PEM'), cert: Buffer.from('PEM'), key: Buffer.from('PEM') };
    const tls = { name: 'a', address: 'tcp://x:2376', ca: path, cert: path, key: path };
    expect(await readEngineAddress(tls)).to.deep.equal({ kind: 'tls', host: 'x', port: 2376, certificates });
  });

  it('needs files that can be read', async () => {
    const missing = readEngineAddress({ name: 'a', address: 'tcp://x:2376', ca: '/nowhere.pem' });
    expect(await refusalOf(missing)).to.include('/nowhere.pem: the certificate or key cannot be read');
  });
});

describe('sources of the settings', () => {
  const { settings } = checkSettings({
    sources: {
      allowed: [{ scheme: 'https', host: 'git.example' }],
      templates: [
        { account: 'acme', repo: 'one', url: 'https://one.example/one.git' },
        { account: 'acme', url: 'ssh://git@acme.example/{repo}.git' },
      ],
    },
  });
  const gitUrl = 'http://127.0.0.1:8080/{account}/{repo}.git';

  it('allow what is listed and what a template names', () => {
    expect(allowedServers(gitUrl, settings)).to.deep.equal([
      { scheme: 'https', host: 'git.example' },
      { scheme: 'http', host: '127.0.0.1:8080' },
      { scheme: 'https', host: 'one.example' },
      { scheme: 'ssh', host: 'acme.example' },
    ]);
  });

  it('give the first template that fits', () => {
    expect(sourceTemplate(gitUrl, settings, 'acme', 'one')).to.equal('https://one.example/one.git');
    expect(sourceTemplate(gitUrl, settings, 'acme', 'two')).to.equal('ssh://git@acme.example/{repo}.git');
    expect(sourceTemplate(gitUrl, settings, 'Acme', 'one')).to.equal(gitUrl);
  });
});
