import { createHash, createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildJob, untilEnded } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';
import { type GitWitness, openGitWitness } from './gitWitness.ts';

/** Field.md row 1: whatever a caller names must reach git as a name or not at all. */
describe('attack: options and commands for git', () => {
  const secret = 'hook secret';
  const travisToken = 'travis token';
  let world: World;
  let witness: GitWitness;
  let hostile: string[];

  before(async () => {
    witness = await openGitWitness();
    world = await openWorld({
      env: {
        ...witness.env,
        DOCKER_BUILDER_GITHUBSECRET: secret,
        DOCKER_BUILDER_TRAVISTOKEN: travisToken,
      },
    });
    const touch = `touch ${witness.marker}`;
    hostile = [
      `--upload-pack=${touch}`,
      `--upload-pack=touch\${IFS}${witness.marker}`,
      '--output=/tmp/x',
      `-ccore.sshCommand=${touch}`,
      `-oProxyCommand=${touch}`,
      `ext::sh -c ${touch.replaceAll(' ', '% ')}`,
      `file://${world.git.folder}/acme/app`,
      `${world.git.folder}/acme/app`,
      '../../../../etc/passwd',
      '..',
      '.',
      '.git',
      'app.git/../../x',
      'app\n--upload-pack=x',
      'app\r\nHost: evil',
      'app\0--help',
      'app --help',
      'a@{-1}',
      '\ud800',
      'x'.repeat(5000),
    ];
    await createRepository(world.git, 'acme/app', { Dockerfile: 'FROM busybox\n' });
  });
  after(async () => {
    await world.close();
    await witness.close();
  });
  afterEach(async () => {
    expect(witness.wasMarked()).to.equal(false);
    for (const { arguments: given } of await witness.calls()) {
      const end = given.indexOf('--');
      const options = end < 0 ? given : given.slice(0, end);
      for (const value of hostile) expect(options, value).not.to.include(value);
    }
  });

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    world.server.request(path, { method: 'POST', body, headers });
  const order = (changes: object) =>
    JSON.stringify({ account: 'acme', repo: 'app', ref: 'main', ...changes });
  const countJobs = async () => (await world.server.request('/jobs')).headers.get('x-total-count');

  async function expectRefused(answer: Response, what: string): Promise<void> {
    const text = await answer.text();
    expect(answer.status, `${what}: ${text}`).to.be.oneOf([400, 412]);
    expect(JSON.parse(text), what).to.have.property('error');
  }

  function push(payload: object): Promise<Response> {
    const body = JSON.stringify(payload);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return post('/docker-build/github', body, {
      'X-GitHub-Event': 'push',
      'X-Hub-Signature-256': `sha256=${signature}`,
    });
  }

  /** Signed for the very slug that its payload names, where a header can say it. */
  function notify(payload: { repository: { owner_name: string; name: string } }): Promise<Response> {
    const { owner_name: owner, name } = payload.repository;
    const slug = `${owner}/${name}`;
    const sayable = /^[\x21-\x7e ]+$/.test(slug) ? slug : 'acme/app';
    const Authorization = createHash('sha256')
      .update(sayable + travisToken)
      .digest('hex');
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    return post('/docker-build/travis', body, {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Travis-Repo-Slug': sayable,
      Authorization,
    });
  }

  it('are refused in account, repo and ref, before anything is kept or run', async () => {
    for (const field of ['account', 'repo', 'ref'])
      for (const value of hostile)
        await expectRefused(await post('/jobs', order({ [field]: value })), `${field} ${value}`);
    expect(await witness.calls()).to.deep.equal([]);
    expect(await countJobs()).to.equal('0');
  });

  it('are refused in the payload of GitHub', async () => {
    const after = '0123456789012345678901234567890123456789';
    const payload = (changes: { owner?: string; name?: string; after?: string }) => ({
      ref: 'refs/heads/main',
      after: changes.after ?? after,
      repository: { name: changes.name ?? 'app', owner: { name: changes.owner ?? 'acme' } },
    });
    for (const field of ['owner', 'name', 'after'])
      for (const value of hostile)
        await expectRefused(await push(payload({ [field]: value })), `${field} ${value}`);
    expect(await countJobs()).to.equal('0');
  });

  it('are refused in the payload of Travis', async () => {
    const payload = (changes: { owner?: string; name?: string; commit?: string }) => ({
      commit: changes.commit ?? 'main',
      repository: { owner_name: changes.owner ?? 'acme', name: changes.name ?? 'app' },
    });
    for (const field of ['owner', 'name', 'commit'])
      for (const value of hostile) {
        const answer = await notify(payload({ [field]: value }));
        // What no header can say is a slug of another repository.
        if (answer.status === 401) continue;
        await expectRefused(answer, `${field} ${value}`);
      }
    expect(await countJobs()).to.equal('0');
    expect(await witness.calls()).to.deep.equal([]);
  });

  it('do nothing in a branch of a push: it is no more than a wish for a tag', async () => {
    const reasons = hostile.slice(0, 8).map(async (ref) => {
      const answer = await push({
        ref,
        after: '0123456789012345678901234567890123456789',
        repository: { name: 'app', owner: { name: 'acme' } },
      });
      expect(answer.status, ref).to.equal(202);
      const { id } = (await answer.json()) as { id: string };
      return (await untilEnded(world.server, id)).reason;
    });
    expect(new Set(await Promise.all(reasons))).to.deep.equal(new Set(['ref_not_found']));
  });

  it('do nothing in bobfile, api_token and depth', async () => {
    for (const value of hostile)
      await expectRefused(await post('/jobs', order({ depth: value })), `depth ${value}`);
    for (const value of ['app\n--upload-pack=x', 'app\0--help', '\ud800', 'x'.repeat(100_000)])
      for (const field of ['bobfile', 'api_token'])
        await expectRefused(await post('/jobs', order({ [field]: value })), `${field} ${value}`);
    await Promise.all(
      hostile.slice(0, 5).map(async (value) => {
        const wish = { account: 'acme', repo: 'app', ref: 'main', api_token: value };
        const job = await buildJob(world.server, wish);
        expect(job.status, `${value}: ${job.error}`).to.equal('completed');
        const named = await buildJob(world.server, { ...wish, bobfile: value });
        expect(named.reason, `${value}: ${named.error}`).to.equal('bobfile_missing');
      }),
    );
  });

  it('do nothing as the name of a branch that is there, whatever a shell would make of it', async () => {
    const { branch } = await createRepository(world.git, 'acme/shell', { Dockerfile: 'FROM busybox\n' });
    const touch = `touch\${IFS}${witness.marker}`;
    const names = [
      `$(${touch})`,
      `\`${touch}\``,
      `;${touch};`,
      `|${touch}`,
      `'"&&${touch}`,
      `a>${witness.marker}`,
    ];
    for (const name of names) await branch(name);
    const build = async (ref: string) => buildJob(world.server, { account: 'acme', repo: 'shell', ref });
    for (const job of await Promise.all(names.map(build))) {
      expect(job.status, `${job.ref}: ${job.error}`).to.equal('completed');
      expect(names).to.include(job.ref);
      for (const tag of job.image?.tags ?? []) expect(tag).to.match(/^acme\/shell:[\w.-]+$/);
    }
    expect(await witness.calls()).not.to.deep.equal([]);
  });

  it('are refused in a template of the settings; the last good ones stay', async () => {
    const urls = [
      `ext::sh -c touch% ${witness.marker}/{repo}`,
      `--upload-pack=touch ${witness.marker}/{repo}`,
      `file://${world.git.folder}/{account}/{repo}.git`,
      `${world.git.folder}/{account}/{repo}.git`,
      'https://{account}.example/{repo}.git',
      'https://user:password@git.example/{repo}.git',
      'ssh://-oProxyCommand=touch/{repo}.git',
    ];
    const templates = urls.map((url) => ({ account: 'acme', url }));
    await writeFile(join(world.server.data, 'settings.json'), JSON.stringify({ sources: { templates } }));
    const refusal = 'the changed settings have mistakes';
    const said = await waitFor('the refusal', () =>
      world.server
        .output()
        .split('\n')
        .find((line) => line.includes(refusal)),
    );
    for (const [index, url] of urls.entries())
      expect(said, url).to.contain(`sources.templates[${index}].url`);
    const job = await buildJob(world.server, { account: 'acme', repo: 'app', ref: 'main' });
    expect(job.status).to.equal('completed');
  });
});
