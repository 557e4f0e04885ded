import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openApiOffice } from '../../../server/cli/apiOffice.ts';
import { UsageError } from '../../../server/cli/arguments.ts';
import { openStoreOffice } from '../../../server/cli/storeOffice.ts';
import { runToken } from '../../../server/cli/token.ts';
import { StartError } from '../../../server/startError.ts';
import { baseEnv } from '../../fixtures/server.ts';
import { adminToken, openTestWeb, type TestWeb } from './webFixture.ts';

const main = fileURLToPath(new URL('../../../server/main.js', import.meta.url));

/** Runs `docker-builder token …`. */
async function token(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(main, ['token', ...args], { env: { ...baseEnv(), ...env }, timeout: 30_000 });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof StartError) return error.message;
  throw new Error('nothing was refused', { cause: error });
}

describe('docker-builder token', () => {
  it('works on the store where no server does', async () => {
    const data = await mkdtemp(join(tmpdir(), 'dbs-'));
    const env = { DOCKER_BUILDER_DATA: data };
    const made = await token(
      env,
      'create',
      '--project',
      'acme',
      '--name',
      'ci',
      '--scopes',
      'jobs:read',
      '--expires',
      '90d',
    );
    expect(made).to.include({ code: 0 });
    expect(made.out).to.match(/^db_[0-9A-Za-z]{40}\n$/);
    const [id = ''] = /[0-9a-f-]{36}/.exec(made.err) ?? [];
    const office = await openStoreOffice(data, undefined);
    await office.revoke(id);
    await office.close();
    const list = await token(env, 'list', '--project', 'acme');
    expect(list.out)
      .to.contain(id)
      .and.contain('jobs:read')
      .and.match(/revoked \d{4}/);
    expect(list.out).to.contain(made.out.slice(0, 11)).and.not.contain(made.out.slice(11, 43));
    await rm(data, { recursive: true });
  });

  describe('beside a server', () => {
    let web: TestWeb;
    before(async () => {
      web = await openTestWeb();
    });
    after(() => web.close());

    it('asks it', async () => {
      const env = { DOCKER_BUILDER_HOST: `127.0.0.1:${web.port}`, DOCKER_BUILDER_TOKEN: adminToken };
      const made = await token(env, 'create', '--project', '*', '--name', 'ci');
      expect(made, made.err).to.include({ code: 0 });
      expect((await web.ask('GET', '/jobs', { key: made.out.trim() })).status).to.equal(200);
      const office = openApiOffice(env.DOCKER_BUILDER_HOST, adminToken);
      const [key] = await office.list(undefined);
      await office.revoke(key?.id ?? '');
      expect((await web.ask('GET', '/jobs', { key: made.out.trim() })).status).to.equal(401);
      const wrong = openApiOffice(env.DOCKER_BUILDER_HOST, 'wrong');
      expect(await refusal(wrong.list('acme'))).to.match(/answered 401: invalid or missing api key/);
      expect(await refusal(openApiOffice('127.0.0.1:1', undefined).list('acme'))).to.match(/does not answer/);
    });

    it('says how to ask it, where it has the store', async () => {
      const said = await refusal(openStoreOffice(web.data, undefined));
      expect(said).to.contain('in use').and.contain('DOCKER_BUILDER_HOST').and.contain('/v1/api-keys');
    });
  });

  it('explains itself and mistakes', async () => {
    const answer = await token({}, 'fly');
    expect(answer).to.include({ code: 2, out: '' });
    expect(answer.err).to.equal('docker-builder: unknown: token fly\n');
    const named = ['create', '--project', 'a', '--name', 'b'];
    const mistakes: [args: string[], said: RegExp][] = [
      [[], /create, list or revoke/],
      [['create', '--project', 'a'], /--project and --name are needed/],
      [['create', '--colour', 'a'], /colour/],
      [['revoke'], /ID is missing/],
      [['revoke', 'a', 'b'], /unknown: b/],
      [[...named, '--expires', 'tomorrow'], /is no time to come/],
      [[...named, '--expires', '99999d'], /is no time to come/],
      [[...named, '--expires', '2001-01-01'], /is no time to come/],
    ];
    for (const [args, said] of mistakes) {
      const error = await runToken(args, {}).catch((reason: unknown) => reason);
      expect(error, args.join(' ')).to.be.instanceOf(UsageError).with.property('message').that.matches(said);
    }
  });
});
