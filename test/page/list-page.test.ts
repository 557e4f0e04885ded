import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { openBrowser, pollUntil, type Visit, visit } from './page-fixture.ts';

describe('page: the list of jobs in a browser', () => {
  let browser: Browser;
  let at: Visit;

  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    at = await visit(browser);
  });
  afterEach(async () => {
    await at.close();
    expect(at.problems).to.deep.equal([]);
  });

  const open = (hash = '') => at.page.goto(`${at.server.origin}/${hash}`);
  const repositories = () => at.page.locator('.run .repo').allTextContents();

  it('tells a newcomer what to type, and shows the job as soon as it is there', async () => {
    await open();
    await at.page.getByText(`curl -X POST ${at.server.origin}/jobs`).waitFor();
    await at.page.locator('.connection.live').waitFor();
    const { id } = at.server.addJob({ status: 'created' });
    await at.page.locator('.run .pill.created').waitFor();
    at.server.patch(id, { status: 'building', commit: '0123456789abcdef' });
    await at.page.locator('.run .pill.building').waitFor();
    at.server.end(id, 'errored', 'RUN false returned a non-zero code: 1.');
    await at.page.locator('.run', { hasText: 'RUN false returned' }).locator('.pill.errored').waitFor();
    expect(await at.page.locator('.run .commit').textContent()).to.equal('01234567');
    expect(await at.page.locator('.empty').count()).to.equal(0);
    await at.page.locator('.run').click();
    await at.page.locator('.job-header h1', { hasText: 'acme/shop' }).waitFor();
  });

  it('asks for a build, and shows why one is refused', async () => {
    await open();
    await at.page.getByText('Build now').click();
    await at.page.getByLabel('Account').fill('acme');
    await at.page.getByLabel('Repository').fill('wrong');
    await at.page.getByLabel('Ref').fill('main');
    await at.page.getByRole('button', { name: 'Build', exact: true }).click();
    await at.page.getByText('repo must be a name').waitFor();
    await at.page.getByLabel('Repository').fill('shop');
    await at.page.getByRole('button', { name: 'Build', exact: true }).click();
    await at.page.locator('.job-header h1', { hasText: 'acme/shop' }).waitFor();
    expect(at.server.posted.at(-1)).to.deep.equal({ account: 'acme', repo: 'shop', ref: 'main' });
  });

  it('filters, live too', async () => {
    at.server.addJob({ repo: 'shop' });
    at.server.addJob({ repo: 'price' });
    await open();
    await at.page.locator('.run').nth(1).waitFor();
    await at.page.getByLabel('Filter').fill('acme/price');
    await at.page.keyboard.press('Enter');
    await at.page.locator('.run', { hasText: 'shop' }).waitFor({ state: 'detached' });
    await at.page.locator('.connection.live').waitFor();
    at.server.addJob({ repo: 'shop' });
    at.server.addJob({ repo: 'price' });
    await at.until('document.querySelectorAll(".run").length === 2');
    expect(await repositories()).to.deep.equal(['acme/price', 'acme/price']);
    expect(at.page.url()).to.equal(`${at.server.origin}/#/?account=acme&repo=price`);
  });

  it('shows older jobs a page at a time', async () => {
    for (let number = 1; number <= 120; number += 1) at.server.addJob({ repo: `r${number}` });
    await open();
    await at.page.getByText('Older').click();
    await at.page.locator('.run', { hasText: /r70$|\/r70/ }).waitFor();
    expect(await at.page.locator('.run').count()).to.equal(50);
    await at.page.getByText('Older').click();
    await at.page.locator('.run', { hasText: 'acme/r20' }).waitFor();
    expect(await at.page.locator('.run').count()).to.equal(20);
    expect(await at.page.getByText('Older').count()).to.equal(0);
    await at.page.getByText('Newest').click();
    await at.page.locator('.run', { hasText: 'acme/r120' }).waitFor();
  });

  it('asks to sign in, then goes on where it was', async () => {
    at.server.rules.password = 'right';
    const { id } = at.server.addJob();
    at.server.print(id, ['behind the door']);
    await open(`#/jobs/${id}`);
    await at.page.getByLabel('Password').fill('wrong');
    await at.page.getByRole('button', { name: 'Sign in' }).click();
    await at.page.getByText('That is not right').waitFor();
    await at.page.getByLabel('Password').fill('right');
    await at.page.getByRole('button', { name: 'Sign in' }).click();
    await at.page.locator('.row .text', { hasText: 'behind the door' }).waitFor();
    expect(await at.page.locator('dialog').count()).to.equal(0);
  });

  it('loads itself again where a part of it did not come through', async () => {
    at.server.addJob();
    for (const part of ['/page/format.js', '/style/list.css']) {
      at.server.rules.failOnce = part;
      const asked = () => at.server.seen.filter((request) => request === `GET ${part}`).length;
      const before = asked();
      await open();
      await pollUntil(() => Promise.resolve(asked() >= before + 2), `${part} is asked for again`);
      await at.page.locator('.run').waitFor();
    }
  });

  it('fits a narrow screen', async () => {
    const { id } = at.server.addJob({ account: 'a'.repeat(40), repo: 'b'.repeat(60), ref: 'c'.repeat(80) });
    at.server.print(id, ['x'.repeat(3000)]);
    await at.page.setViewportSize({ width: 360, height: 700 });
    for (const hash of ['', `#/jobs/${id}`]) {
      await open(hash);
      await at.page.locator('.run, .row').first().waitFor();
      expect(await at.page.evaluate('document.documentElement.scrollWidth')).to.equal(360);
    }
  });
});
