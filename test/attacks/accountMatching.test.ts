import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type GitServer, startGitServer } from '../fixtures/gitServer.ts';
import { postJob, untilEnded } from '../fixtures/jobs.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

/** Field.md row 7: a name is matched whole and exactly, never as a part or a pattern. */
describe('attack: names that contain another name', () => {
  let world: World;
  /** Where the settings send one account, and one repository of another. */
  let trusted: GitServer;

  before(async () => {
    trusted = await startGitServer();
    world = await openWorld({ env: { TRUSTED_PASSWORD: 'a password of the trusted server' } });
    const url = (folder: string) => `${trusted.url}/${folder}/{account}/{repo}.git`;
    const settings = {
      sources: {
        templates: [
          { account: 'a.me', url: url('account') },
          { account: 'big', repo: 'app', url: url('repository') },
        ],
        credentials: [
          { host: `127.0.0.1:${trusted.port}`, username: 'robot', password: 'env:TRUSTED_PASSWORD' },
        ],
      },
    };
    await writeFile(join(world.server.data, 'settings.json'), JSON.stringify(settings));
    await waitFor('the settings', () => /changed settings are in use/.test(world.server.output()));
  });
  after(async () => {
    await world.close();
    await trusted.close();
  });

  async function ask(account: string, repo: string): Promise<void> {
    trusted.requests.length = 0;
    world.git.requests.length = 0;
    const { id } = await postJob(world.server, { account, repo, ref: 'main' });
    expect(await untilEnded(world.server, id)).to.have.property('reason', 'source_not_found');
  }

  it('go where the exact name goes', async () => {
    await ask('a.me', 'anything');
    await ask('big', 'app');
    expect(trusted.requests[0]?.path).to.match(/^\/repository\/big\/app\.git\//);
    expect(trusted.requests.every(({ authorization }) => authorization !== undefined)).to.equal(true);
    expect(world.git.requests).to.deep.equal([]);
  });

  it('go the usual way where they are longer, shorter or only alike', async () => {
    const others: [string, string][] = [
      ['acme', 'app'],
      ['a.me2', 'app'],
      ['xa.me', 'app'],
      ['A.ME', 'app'],
      ['a.m', 'app'],
      ['a.me/a.me', 'app'],
      ['big', 'app2'],
      ['big', 'my-app'],
      ['big', 'App'],
      ['big', 'app.git'],
      ['bigger', 'app'],
      ['big/big', 'app'],
    ];
    for (const [account, repo] of others) {
      await ask(account, repo);
      expect(trusted.requests, `${account}/${repo}`).to.deep.equal([]);
      expect(world.git.requests[0]?.path, `${account}/${repo}`).to.match(
        new RegExp(`^/${RegExp.escape(`${account}/${repo}`)}\\.git/`),
      );
      expect(world.git.requests.some(({ authorization }) => authorization !== undefined)).to.equal(false);
    }
  });

  it('are other jobs in the list, too', async () => {
    const listed = async (query: string) =>
      Object.values((await (await world.server.request(`/jobs?${query}`)).json()) as object).map(
        ({ account, repo }: { account: string; repo: string }) => `${account}/${repo}`,
      );
    expect(await listed('account=big')).to.have.members([
      'big/app',
      'big/app2',
      'big/my-app',
      'big/App',
      'big/app.git',
    ]);
    for (const query of [
      'account=bi%25',
      'account=b*',
      'repo=ap_',
      'account=.*',
      "account=big'--",
      'account=big%00',
    ])
      expect(await listed(query), query).to.deep.equal([]);
  });
});
