import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { openTestWeb, type TestWeb } from '../server/access/webFixture.ts';
import { goTo, openBrowser, pollUntil } from './page-fixture.ts';

describe('page: the document of the interface in a browser', () => {
  let web: TestWeb;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  before(async () => {
    web = await openTestWeb();
    browser = await openBrowser();
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
    });
  });
  after(async () => {
    await browser?.close();
    await web?.close();
    expect(problems).to.deep.equal([]);
  });

  const open = (hash = '') => goTo(page, `http://127.0.0.1:${web.port}/docs.html${hash}`);

  it('shows every operation, and finds one', async () => {
    await open();
    await page.locator('.docs nav a', { hasText: 'Trigger a job run' }).waitFor();
    expect(await page.locator('.docs nav a').count()).to.be.greaterThan(50);
    await page.getByLabel('Filter').fill('webhook post redeliver');
    await pollUntil(async () => (await page.locator('.docs nav li:visible').count()) === 1, 'one is left');
    expect(await page.locator('.docs-operation:visible code').first().textContent()).to.equal(
      '/v1/webhook-deliveries/{delivery}/redeliver',
    );
  });

  it('shows what an operation takes and gives', async () => {
    await open('#createJob');
    const shown = page.locator('#createJob');
    await shown.getByText('For keys with the scope jobs:write').waitFor();
    await shown.getByText('project_id').first().waitFor();
    expect(await shown.locator('.docs-curl pre').textContent()).to.match(
      /^curl -X POST -H "Authorization: Bearer \$TOKEN" -d '\{.*\}' 'http:\/\/127\.0\.0\.1:\d+\/v1\/jobs'$/,
    );
    await shown.getByRole('link', { name: 'CreateJobRequest' }).click();
    await page.locator('#schema-CreateJobRequest').getByText('retry_delays_secs').waitFor();
    await page.locator('#schema-CreateJobRequest').getByText('list of').first().waitFor();
  });
});
