import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { awayEngine, openTestWeb, type TestWeb } from '../server/access/webFixture.ts';
import { openBrowser } from './page-fixture.ts';

describe('page: the workers in a browser', () => {
  let browser: Browser;
  let web: TestWeb;
  before(async () => {
    browser = await openBrowser();
    web = await openTestWeb({ env: { NAME: 'big', LABELS: 'rack=b7' }, engines: [awayEngine('away')] });
  });
  after(async () => {
    await web?.close();
    await browser?.close();
  });

  it('are shown with their engines, and follow what is asked of them', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(`http://127.0.0.1:${web.port}/`);
    await page.getByRole('link', { name: 'Workers' }).click();
    const row = page.locator('.workers tbody tr');
    await row.getByText('away: 0 of 2').waitFor();
    for (const text of ['big', 'rack=b7', 'all', 'ok']) await row.getByText(text, { exact: true }).waitFor();
    await row.locator('.pill.errored', { hasText: 'unreachable' }).waitFor();
    await web.room.wishes.setMember('big', 'draining');
    await row.locator('.pill', { hasText: 'draining' }).waitFor();
    await page.goBack();
    await page.locator('.list-bar').waitFor();
    await page.close();
    expect(problems).to.deep.equal([]);
  });
});
