import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { openBrowser, type Visit, visit } from './page-fixture.ts';

const id = (digit: string) => `sha256:${digit.repeat(64)}`;
const layer = (bytes: number) => ({ instruction: 'COPY . .', bytes });
const app = {
  name: 'app',
  id: id('a'),
  tags: ['quay.io/acme/app:main', 'quay.io/acme/app:1.4'],
  pushed: [{ repository: 'quay.io/acme/app', tags: ['main', '1.4'], digest: id('d') }],
  base: { name: 'node:24-slim', digest: id('b') },
  bytes: 214_000_000,
  platform: 'linux/amd64',
  difference: { bytes: 1_200_000, to: 7 },
  layers: [layer(4_200_000), layer(800_000)],
};
const worker = {
  name: 'worker',
  id: id('c'),
  tags: ['acme/worker:main'],
  base: { name: 'busybox' },
  bytes: 6_100_000,
  platform: 'linux/amd64',
  difference: { bytes: -30_000, to: 8 },
  layers: [layer(1_900_000)],
};

describe('page: a build of several images in a browser', () => {
  let browser: Browser;
  let at: Visit;
  let job: string;
  const start = Date.now() - 60_000;

  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    at = await visit(browser);
    job = at.server.addJob().id;
  });
  afterEach(async () => {
    await at.close();
    expect(at.problems).to.deep.equal([]);
  });

  /** The `second` is that of its start; without `took` it runs. */
  const step = (image: string | undefined, number: number, instruction: string, second = 0, took?: number) =>
    at.server.step(job, {
      ...(image !== undefined && { image }),
      number,
      total: 3,
      instruction,
      cached: false,
      startedAt: start + second * 1000,
      ...(took !== undefined && { durationMs: took }),
    });
  const group = (image: string) =>
    at.page.locator('.image-steps', { has: at.page.getByRole('heading', { name: image }) });

  it('groups the steps by image while they run side by side', async () => {
    step('app', 1, 'FROM node', 0, 100);
    await at.openJob(job);
    await group('app').waitFor();
    step('worker', 1, 'FROM busybox', 1, 100);
    step('app', 2, 'RUN npm ci', 2);
    step('worker', 2, 'RUN make', 3);
    await group('worker').locator('li.running', { hasText: 'RUN make' }).waitFor();
    await group('app').locator('li.running', { hasText: 'RUN npm ci' }).waitFor();
    expect(await at.page.locator('.image-steps h3').allTextContents()).to.deep.equal([
      'app2 of 3',
      'worker2 of 3',
    ]);
    expect(await at.page.locator('.side .now').textContent()).to.equal('of 2 images · worker: RUN make');
    await at.page.getByRole('list', { name: 'Steps of app' }).waitFor();
    step('app', 2, 'RUN npm ci', 2, 9000);
    await group('app').locator('li.done', { hasText: 'RUN npm ci' }).waitFor();
    expect(await group('worker').locator('li').count()).to.equal(2);
    await at.page.reload();
    await group('worker').locator('li.running', { hasText: 'RUN make' }).waitFor();
    expect(await group('app').locator('li').count()).to.equal(2);
  });

  it('goes to the step of the image that is meant', async () => {
    const filler = Array.from({ length: 200 }, (_, i) => `app | line ${i}`);
    at.server.print(
      job,
      ['app | Step 1/3 : FROM x', 'worker | Step 1/3 : FROM x', ...filler],
      'stdout',
      start,
    );
    step('app', 1, 'FROM x', 0, 100);
    step('worker', 1, 'FROM x', 0, 100);
    await at.openJob(job);
    await at.page.locator('.row', { hasText: 'line 199' }).waitFor();
    await group('worker').getByRole('button').focus();
    await at.page.keyboard.press('Enter');
    await at.page.locator('.row', { hasText: 'worker | Step 1/3 : FROM x' }).waitFor();
  });

  it('shows each image with its name, sizes, base, tags and what registries have of it', async () => {
    at.server.patch(job, { image: worker, images: [app, worker] });
    at.server.end(job, 'completed');
    await at.openJob(job);
    const rows = at.page.locator('.images li');
    expect(await rows.locator('h3').allTextContents()).to.deep.equal(['app', 'worker']);
    expect(await rows.locator('dl').allTextContents()).to.deep.equal([
      'ImageaaaaaaaaaaaaSize214 MB +1.20 MB linux/amd64Basenode:24-slim' +
        `Tags${app.tags.join('')}Pushedquay.io/acme/app@dddddddddddd`,
      'ImageccccccccccccSize6.10 MB −30.0 kB linux/amd64BasebusyboxTagsacme/worker:main',
    ]);
    expect(await at.page.locator('.job-header > .facts').textContent()).not.to.contain('Image');
    await at.page.getByRole('button', { name: 'Copy image id of worker' }).waitFor();
    await at.page
      .getByRole('button', { name: `Copy name quay.io/acme/app@${app.pushed[0]?.digest}` })
      .waitFor();
    expect(await at.page.locator('.layers summary').allTextContents()).to.deep.equal([
      'Layers of app (2)',
      'Layers of worker (1)',
    ]);
  });

  it('leaves room for the log, however many images there are', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...app, name: `app-${i}` }));
    at.server.patch(job, { image: many.at(-1), images: many });
    at.server.print(job, ['the only line']);
    await at.openJob(job);
    await at.page.getByRole('button', { name: 'Copy image id of app-29' }).focus();
    await at.until('document.querySelector(".images").scrollTop > 0');
    expect(await at.page.evaluate('document.querySelector(".log-box").clientHeight')).to.be.above(200);
    expect(await at.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).to.equal(true);
  });

  it('marks the step that failed, and what was stopped because of it', async () => {
    step('app', 1, 'FROM node', 0, 100);
    step('worker', 1, 'FROM busybox', 0, 100);
    step('lint', 3, 'RUN lint', 0, 100);
    step('app', 2, 'RUN npm ci', 1, 9100);
    step('worker', 2, 'RUN make  all', 1, 9000);
    const error = 'step 2/3 (RUN make all) failed with exit code 2';
    at.server.attempt(job, {
      phases: [{ phase: 'build', startedAt: start, endedAt: start + 9000, exitCode: 2 }],
      error,
    });
    at.server.end(job, 'errored', error, 'build_step_failed');
    await at.openJob(job);
    await group('worker').locator('li.failed', { hasText: 'RUN make' }).waitFor();
    expect(await at.page.locator('.steps li.failed').count()).to.equal(1);
    expect(await group('app').locator('li').last().getAttribute('class')).to.equal('stopped');
    expect(await group('lint').locator('li').last().getAttribute('class')).to.equal('done');
  });

  it('stays as it is where there is one image', async () => {
    step(undefined, 1, 'FROM node', 0, 100);
    at.server.patch(job, { image: app, images: [app] });
    at.server.end(job, 'completed');
    await at.openJob(job);
    await at.page.locator('.steps li.done').waitFor();
    expect(await at.page.locator('.images, .image-steps, h3').count()).to.equal(0);
    expect(await at.page.locator('.side .now').textContent()).to.equal('1 of 3');
    expect(await at.page.locator('.job-header > .facts dt').allTextContents()).to.deep.equal([
      'Ref',
      'Time',
      'Image',
      'Size',
      'Base',
      'Tags',
      'Pushed',
    ]);
    await at.page.getByRole('button', { name: 'Copy image id', exact: true }).waitFor();
    expect(await at.page.locator('.layers summary').textContent()).to.equal('Layers (2)');
  });
});
