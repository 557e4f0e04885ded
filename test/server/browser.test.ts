import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { type Gate, openGate } from '../fixtures/gate.ts';
import { type JobView, postJob, untilStatus } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { openWorld, type World, worldEnv } from '../fixtures/world.ts';
import { goTo, openBrowser } from '../page/page-fixture.ts';

describe('the page in front of a real build', () => {
  let world: World;
  let gate: Gate;
  let browser: Browser;
  let page: Page;
  /** What the page did wrong by itself. */
  let problems: string[];

  before(async () => {
    world = await openWorld();
    gate = await openGate(world.engine);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await gate?.close();
    await world?.close();
  });
  beforeEach(async () => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
    });
  });
  afterEach(async () => {
    await page.context().close();
    expect(problems).to.deep.equal([]);
  });

  const repository = (repo: string, ...lines: string[]) =>
    createRepository(world.git, `acme/${repo}`, { Dockerfile: ['FROM busybox', ...lines, ''].join('\n') });
  const line = (text: string) => page.locator('.row .text', { hasText: new RegExp(`^${text}$`) });
  const step = (kind: string, instruction: string) =>
    page.locator(`.steps li.${kind}`, { hasText: instruction });

  /** Presses a button again where the first time met an interface that came or went. */
  async function press(name: string, success: string, problem: string): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click();
    await page.locator(success).or(page.locator(problem)).waitFor();
    if (await page.locator(problem).isVisible()) await press(name, success, problem);
  }

  async function openJob({ id }: JobView, server: TestServer = world.server): Promise<void> {
    await goTo(page, `${server.url}/#/jobs/${id}`);
    await page.locator('.log-bar').waitFor();
  }

  it('asks for a build and shows each line before the next is printed, then the end', async () => {
    const print = `for i in $(seq 1 12); do echo "line $i"; ${gate.pass('line-$i')}; done`;
    await repository('live', `RUN ${print}`, 'RUN echo the second step');
    await goTo(page, world.server.url);
    await page.getByText('Build now').click();
    await page.getByLabel('Account').fill('acme');
    await page.getByLabel('Repository').fill('live');
    await page.getByLabel('Ref').fill('main');
    await press('Build', '.job-header h1', '.build-form .problem:not(:empty)');
    for (let i = 1; i <= 12; i++) {
      await line(`line ${i}`).waitFor();
      expect(gate.reached(`line-${i + 1}`)).to.equal(false);
      if (i === 6) {
        await page.locator('.job-header .pill.building').waitFor();
        await step('running', 'seq 1 12').waitFor();
        expect(await step('done', 'FROM busybox').count()).to.equal(1);
      }
      gate.open(`line-${i}`);
    }
    await line('the second step').waitFor();
    await page.locator('.job-header .pill.completed').waitFor();
    await step('done', 'echo the second step').waitFor();
    await page.locator('.connection', { hasText: 'Ended' }).waitFor();
    await page.locator('.facts .tag', { hasText: 'acme/live:main' }).waitFor();
    await page.getByRole('button', { name: 'Build again' }).waitFor();
    const numbers = (await page.locator('.row .num').allTextContents()).map(Number);
    expect(numbers).to.deep.equal(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    await page.locator('.home').click();
    await page.locator('.run', { hasText: 'acme/live' }).locator('.pill.completed').waitFor();
  });

  it('shows colours, and markup as the text that it is', async () => {
    await repository('colours', `RUN printf '\\033[31mred\\033[0m and <b>bold</b>\\n' && ls /nowhere`);
    await openJob(await postJob(world.server, { account: 'acme', repo: 'colours', ref: 'main' }));
    await line('red and <b>bold</b>').waitFor();
    expect(await page.locator('.row .fg-1').textContent()).to.equal('red');
    expect(await page.locator('.log b').count()).to.equal(0);
    await page.locator('.row.stderr', { hasText: 'No such file' }).waitFor();
    await page.locator('.error-box', { hasText: 'build_step_failed' }).waitFor();
    await step('failed', 'ls /nowhere').waitFor();
  });

  it('cancels a running build', async () => {
    await repository('endless', `RUN echo started; ${gate.pass('never')}`);
    const containers = () => world.engine.docker('ps', '--all', '--quiet');
    const others = await containers();
    const job = await postJob(world.server, { account: 'acme', repo: 'endless', ref: 'main' });
    await openJob(job);
    await line('started').waitFor();
    expect(await containers()).not.to.equal(others);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await page.locator('.job-header .pill.canceled').waitFor();
    expect(await containers()).to.equal(others);
    await line('canceled: canceled on request').waitFor();
    expect((await untilStatus(world.server, job.id, ['canceled'])).reason).to.equal('canceled');
  });

  it('is live with a cookie for whoever signs in', async () => {
    const env = { DOCKER_BUILDER_USERNAME: 'ann', DOCKER_BUILDER_PASSWORD: 'correct horse' };
    const server = await startServer({ env: { ...worldEnv(world.engine, world.git), ...env } });
    try {
      await repository('private', `RUN echo before; ${gate.pass('private')}; echo after`);
      const made = await server.request('/jobs', {
        method: 'POST',
        headers: { Authorization: `Basic ${Buffer.from('ann:correct horse').toString('base64')}` },
        body: JSON.stringify({ account: 'acme', repo: 'private', ref: 'main' }),
      });
      const { id } = (await made.json()) as JobView;
      await goTo(page, `${server.url}/#/jobs/${id}`);
      await page.getByLabel('User name').fill('ann');
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('That is not right').waitFor();
      expect(await page.locator('.row').count()).to.equal(0);
      await page.getByLabel('Password').fill('correct horse');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await line('before').waitFor();
      gate.open('private');
      await line('after').waitFor();
      await page.locator('.job-header .pill.completed').waitFor();
      const [cookie] = await page.context().cookies();
      expect(cookie).to.include({ httpOnly: true, sameSite: 'Strict' });
      // Nothing that a script of the page could give away.
      expect(
        await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })'),
      ).not.to.match(/horse|docker-builder-session/);
    } finally {
      await server.close();
    }
  });
});
