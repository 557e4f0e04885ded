import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Mistake } from '../../../server/config/mistakes.ts';
import { openSettings, type SettingsFile } from '../../../server/config/settings.ts';
import type { Settings } from '../../../server/config/settingsSchema.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const defaults = {
  contextBytes: 2147483648,
  contextEntries: 500_000,
  logBytes: 268435456,
  attempts: 3,
  webhookTries: 6,
  requestsPerMinute: 0,
  triggersPerMinute: 600,
  failedLoginsPerMinute: 60,
  missedTicks: 'one',
};

describe('settings file', () => {
  let folder: string;
  let path: string;
  let file: SettingsFile | undefined;
  let changes: Settings[];
  let refusals: (readonly Mistake[])[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'settings-'));
    path = join(folder, 'settings.json');
    changes = [];
    refusals = [];
  });
  afterEach(async () => {
    await file?.close();
    file = undefined;
    await rm(folder, { recursive: true });
  });

  const open = async (): Promise<SettingsFile> =>
    (file = await openSettings(path, {
      onChange: (settings) => changes.push(settings),
      onRefused: (mistakes) => refusals.push(mistakes),
    }));
  const openWith = async (content: unknown): Promise<SettingsFile> => {
    await writeFile(path, JSON.stringify(content));
    return open();
  };
  const attemptsBecome = (attempts: number): Promise<unknown> =>
    waitFor('the settings to be taken', () => file?.current.limits.attempts === attempts);

  it('is optional and not made', async () => {
    expect((await open()).current).to.deep.equal({
      engines: [],
      sources: { allowed: [], templates: [], credentials: [] },
      queues: [],
      barbeque: { maxDelaySeconds: 900, originalAnswers: false },
      open: { barbeque: [] },
      secrets: [],
      registries: [],
      pullRequests: [],
      retention: {
        runs: { maxAgeDays: 0, maxPerJob: 0 },
        logs: { maxAgeDays: 0, maxBytes: 0 },
        mirrors: { unusedDays: 90, maxBytes: 0 },
        images: { maxAgeDays: 90, keepPerJob: 0 },
        data: { highBytes: 0, lowBytes: 0 },
      },
      limits: defaults,
    });
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('is read whole', async () => {
    const content = {
      engines: [
        { name: 'here', address: 'unix:///var/run/docker.sock', slots: 2 },
        {
          name: 'there',
          address: 'tcp://10.0.0.2:2376',
          ca: '/c/ca.pem',
          cert: '/c/cert.pem',
          key: '/c/key.pem',
        },
      ],
      sources: {
        allowed: [{ scheme: 'https', host: 'Git.Example:8443' }],
        templates: [{ account: 'acme', url: 'ssh://git@git.acme.example/{account}/{repo}.git' }],
        credentials: [{ host: 'git.example:8443', username: 'bot', password: 'env:GIT_PASSWORD' }],
      },
      limits: { contextBytes: 1_000_000, buildMemoryBytes: 1e9, buildCpus: 1.5, attempts: 1 },
      queues: [{ name: 'default', maxRunning: 4 }],
      secrets: [{ name: 'npm_token', value: 'file:/run/npm', projects: ['acme'] }],
      registries: [
        { host: 'Quay.io', path: 'acme', username: 'robot', password: 'env:QUAY', projects: ['acme'] },
        { host: 'registry.example:5000' },
      ],
      pullRequests: [{ account: 'acme', repo: 'site', push: true }],
    };
    const { current } = await openWith(content);
    expect(current.engines).to.deep.equal(content.engines);
    expect(current.sources).to.deep.equal({
      ...content.sources,
      allowed: [{ scheme: 'https', host: 'git.example:8443' }],
    });
    expect(current.limits).to.deep.equal({ ...defaults, ...content.limits });
    expect(current.queues).to.deep.equal([{ name: 'default', paused: false, maxRunning: 4 }]);
    expect(current.secrets).to.deep.equal(content.secrets);
    expect(current.registries).to.deep.equal([
      { ...content.registries[0], host: 'quay.io' },
      { host: 'registry.example:5000', projects: ['*'] },
    ]);
    const nothing = { secrets: false, push: false, cacheExport: false, bobfile: false };
    expect(current.pullRequests).to.deep.equal([{ ...nothing, ...content.pullRequests[0] }]);
  });

  it('refuses to start with every mistake and its path', async () => {
    const mistakes = await mistakesOf(
      openWith({
        engines: [
          { name: 'a b', address: 'http://x' },
          { name: 'x', address: 'unix:///s', cert: '/c', colour: 1 },
          { name: 'x', address: 'unix:///s' },
        ],
        sources: {
          allowed: [
            { scheme: 'ftp', host: 'x' },
            { scheme: 'https', host: 'a/b' },
          ],
          templates: [{ account: 'a', url: 'https://x/{account}' }],
          credentials: [{ host: 'x', username: 'me', password: 'hunter2' }],
        },
        limits: { attempts: 0, lineBytes: 5 },
        engine: [],
      }),
    );
    const places = mistakes.map(({ place }) => place.replace(`${path}: `, ''));
    expect(places).to.include.members([
      'engines[0].name',
      'engines[0].address',
      'engines[1].colour',
      'sources.allowed[0].scheme',
      'sources.allowed[1].host',
      'sources.templates[0].url',
      'sources.credentials[0].password',
      'limits.attempts',
      'limits.lineBytes',
      'engine',
    ]);
    expect(mistakes.map(({ problem }) => problem).join()).to.not.include('hunter2');
  });

  it('refuses two engines of one name, and half a certificate', async () => {
    const engine = { name: 'x', address: 'tcp://x:1' };
    const mistakes = await mistakesOf(
      openWith({ engines: [engine, engine, { ...engine, name: 'y', key: '/k', ca: '/c' }] }),
    );
    expect(
      mistakes.map(({ place, problem }) => `${place.replace(`${path}: `, '')} ${problem}`),
    ).to.deep.equal(['engines[2] must have cert and key, or neither', 'engines[1].name is there twice']);
  });

  it('says of what is not there that it is required', async () => {
    const mistakes = await mistakesOf(openWith({ secrets: [{ name: 'npm', value: 'env:NPM' }] }));
    expect(mistakes).to.deep.equal([{ place: `${path}: secrets[0].projects`, problem: 'is required' }]);
  });

  for (const content of ['', '{', 'null', '0', '[]', '"text"'])
    it(`refuses to start with a file that says ${JSON.stringify(content)}`, async () => {
      await writeFile(path, content);
      const mistakes = await mistakesOf(open());
      expect(mistakes[0]?.place).to.include(path);
    });

  it('refuses to start without its folder', async () => {
    const mistakes = await mistakesOf(
      openSettings('/nowhere/at/all.json', { onChange() {}, onRefused() {} }),
    );
    expect(mistakes[0]?.place).to.equal('/nowhere/at');
  });

  const saves: [style: string, save: (text: string) => Promise<void>][] = [
    ['writes over it', (text) => writeFile(path, text)],
    [
      'puts a new file in its place',
      async (text) => {
        await writeFile(`${path}~`, text);
        await rename(`${path}~`, path);
      },
    ],
    [
      'empties it first',
      async (text) => {
        await truncate(path);
        await writeFile(path, text);
      },
    ],
    [
      'deletes it and makes a new one',
      async (text) => {
        await rm(path);
        await writeFile(path, text);
      },
    ],
  ];
  for (const [style, save] of saves)
    it(`is followed when an editor ${style}`, async () => {
      await openWith({ limits: { attempts: 1 } });
      for (const attempts of [2, 3, 4]) {
        await save(withAttempts(attempts));
        await attemptsBecome(attempts);
      }
      expect(changes.at(-1)?.limits.attempts).to.equal(4);
    });

  it('is followed when it comes later', async () => {
    await open();
    await writeFile(path, withAttempts(7));
    await attemptsBecome(7);
  });

  it('keeps the last good settings when an edit has mistakes, and goes on with the next good one', async () => {
    await openWith({ limits: { attempts: 5 } });
    await writeFile(path, '{ "limits": { "attempts": "many" } }');
    await waitFor('the refusal', () => refusals.length === 1);
    expect(refusals[0]?.[0]?.place).to.equal(`${path}: limits.attempts`);
    expect(file?.current.limits.attempts).to.equal(5);
    await writeFile(path, '{ "limits": ');
    await waitFor(
      'the refusal',
      () => refusals.length >= 2 && /JSON/.test(refusals.at(-1)?.[0]?.problem ?? ''),
    );
    expect(file?.current.limits.attempts).to.equal(5);
    await writeFile(path, withAttempts(6));
    await attemptsBecome(6);
    expect(changes).to.have.length(1);
  });

  it('keeps the last good settings when the file goes away', async () => {
    await openWith({ limits: { attempts: 5 } });
    await rm(path);
    await waitFor('the refusal', () => refusals.length === 1);
    expect(file?.current.limits.attempts).to.equal(5);
  });

  it('can be changed, and keeps what a person wrote meanwhile', async () => {
    const opened = await openWith({ limits: { attempts: 5 } });
    await writeFile(path, JSON.stringify({ limits: { attempts: 5, buildCpus: 2 } }));
    await Promise.all(['a', 'b'].map((name) => opened.update(addEngine(name))));
    expect(opened.current.engines.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    const engines = ['a', 'b'].map((name) => ({ name, address: 'unix:///run/docker.sock' }));
    expect(JSON.parse(await readFile(path, 'utf8'))).to.deep.equal({
      limits: { attempts: 5, buildCpus: 2 },
      engines,
    });
    expect(await readdir(folder)).to.deep.equal(['settings.json']);
  });

  it('is not written by a change that is a mistake, nor over an edit that has one', async () => {
    await openWith({ limits: { attempts: 5 } });
    const mistakes = await mistakesOf(file?.update(addEngine('not a name')));
    expect(mistakes[0]?.place).to.equal(`${path}: engines[0].name`);
    expect(await readFile(path, 'utf8')).to.equal(withAttempts(5));
    await writeFile(path, '{ "limits": ');
    expect(await mistakesOf(file?.update(addEngine('a')))).to.have.length(1);
    expect(await readFile(path, 'utf8')).to.equal('{ "limits": ');
    expect(file?.current).to.deep.include({ engines: [] });
  });

  it('is not followed after close', async () => {
    await openWith({ limits: { attempts: 5 } });
    await file?.close();
    await writeFile(path, withAttempts(6));
    const other = await openSettings(path, { onChange() {}, onRefused() {} });
    await other.close();
    expect(file?.current.limits.attempts).to.equal(5);
    expect(changes).to.deep.equal([]);
  });
});

function withAttempts(attempts: number): string {
  return JSON.stringify({ limits: { attempts } });
}

function addEngine(name: string) {
  return (draft: { engines?: { name: string; address: string }[] | undefined }): void => {
    draft.engines = [...(draft.engines ?? []), { name, address: 'unix:///run/docker.sock' }];
  };
}

async function mistakesOf(work: Promise<unknown> | undefined): Promise<readonly Mistake[]> {
  const error: unknown = await work?.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigError) return error.mistakes;
  throw error;
}
