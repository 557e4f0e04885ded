import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { numbered, openBrowser, pollUntil, type Visit, visit } from './page-fixture.ts';

describe('page: the live log in a browser', () => {
  let browser: Browser;
  let at: Visit;
  let id: string;

  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    at = await visit(browser);
    ({ id } = at.server.addJob());
  });
  afterEach(async () => {
    await at.close();
    expect(at.problems).to.deep.equal([]);
  });

  const seen = (text: string) =>
    at.page.locator('.row .text', { hasText: new RegExp(`^${text}$`) }).waitFor();
  const nodes = () => at.page.evaluate<number>('document.querySelectorAll("*").length');

  it('shows lines one by one while the build runs, and how it ended', async () => {
    await at.openJob(id);
    for (const line of numbered(1, 5)) {
      at.server.print(id, [line]);
      await seen(line);
    }
    expect(await at.lineNumbers()).to.deep.equal([1, 2, 3, 4, 5]);
    at.server.end(id, 'errored', 'RUN false returned a non-zero code: 1.', 'build_step_failed');
    await at.page.locator('.job-header .pill.errored').waitFor();
    await at.page.locator('.error-box', { hasText: 'build_step_failed' }).waitFor();
    expect(await at.page.locator('.log-bar .connection').textContent()).to.equal('Ended');
  });

  it('shows HTML as text, drops hostile sequences and makes links safe', async () => {
    const html = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    at.server.print(id, [
      html,
      '\u001b]8;;javascript:alert(1)\u001b\\press\u001b]8;;\u001b\\',
      'https://a.example/b.',
    ]);
    at.server.print(id, ['\u001b[31mred\u001b[38;2;1;2;3mown\u001b[0m'], 'stderr');
    at.server.patch(id, { error: html, repo: '<b>shop</b>' });
    await at.openJob(id);
    await seen('press');
    expect(await at.lineText(1)).to.equal(html);
    expect(await at.lineText(2)).to.equal('press');
    expect(await at.page.locator('.log img, .log script, h1 b').count()).to.equal(0);
    const link = at.page.locator('.row .text a');
    expect(await link.count()).to.equal(1);
    expect(await link.getAttribute('href')).to.equal('https://a.example/b');
    expect(await link.getAttribute('rel')).to.equal('noopener noreferrer');
    expect(await at.page.locator('.row.stderr .fg-1').textContent()).to.equal('red');
    const own = 'document.querySelector(".row.stderr .fg-own").style.getPropertyValue("--fg")';
    expect(await at.page.evaluate(own)).to.equal('#010203');
  });

  it('keeps to the end until somebody scrolls up, and goes back on demand', async () => {
    at.server.print(id, numbered(1, 300));
    await at.openJob(id);
    await seen('line 300');
    at.server.print(id, numbered(301, 50));
    await seen('line 350');
    await at.page.locator('.log-box').hover();
    await at.page.mouse.wheel(0, -2000);
    const jump = at.page.locator('.to-end');
    await jump.waitFor();
    const top = await at.page.evaluate('document.querySelector(".log-box").scrollTop');
    at.server.print(id, numbered(351, 50));
    await at.page.locator('.to-end', { hasText: '50 new' }).waitFor();
    expect(await at.page.evaluate('document.querySelector(".log-box").scrollTop')).to.equal(top);
    await jump.click();
    await seen('line 400');
    await jump.waitFor({ state: 'hidden' });
    at.server.print(id, ['the newest']);
    await seen('the newest');
  });

  it('goes on with the next line after the connection was lost, each line once', async () => {
    at.server.print(id, numbered(1, 5));
    await at.openJob(id);
    await seen('line 5');
    at.server.dropSockets();
    at.server.print(id, numbered(6, 5));
    await at.page.locator('.connection.waiting, .connection.live').first().waitFor();
    await seen('line 10');
    expect(await at.lineNumbers()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [first, ...later] = at.server.seen.filter((request) => request.startsWith('WS'));
    expect(first).to.equal(`WS /jobs/${id}/tail?n=500`);
    expect([...new Set(later)]).to.deep.equal([`WS /jobs/${id}/tail?from=6`]);
  });

  it('takes server-sent events where no websocket gets through', async () => {
    at.server.rules.refuseSockets = true;
    at.server.print(id, numbered(1, 3));
    await at.openJob(id);
    await at.page.locator('.connection.waiting', { hasText: 'Trying again in' }).waitFor();
    await seen('line 3');
    at.server.print(id, ['line 4']);
    await seen('line 4');
    expect(await at.lineNumbers()).to.deep.equal([1, 2, 3, 4]);
  });

  it('stays quick with half a million lines, of which it fetches what is looked at', async () => {
    at.server.print(id, numbered(1, 450_000));
    await at.openJob(id);
    await seen('line 450000');
    expect(await nodes()).to.be.below(1500);
    await at.page.locator('.log-box').focus();
    await at.page.keyboard.press('Home');
    await seen('line 1');
    expect((await at.lineNumbers())[0]).to.equal(1);
    await at.page.keyboard.press('PageDown');
    await at.until('document.querySelector(".log-box").scrollTop > 300');
    const numbers = await at.lineNumbers();
    expect(numbers).to.deep.equal(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    await at.page.evaluate(
      '{ const box = document.querySelector(".log-box"); box.scrollTop = box.scrollHeight / 2 }',
    );
    await at.page
      .locator('.row .text', { hasText: /line 22[45]\d\d\d/ })
      .first()
      .waitFor();
    await at.page.keyboard.press('End');
    await seen('line 450000');
    expect(await nodes()).to.be.below(1500);
  });

  it('takes a flood of lines in its stride', async () => {
    await at.openJob(id);
    for (let first = 1; first < 200_000; first += 1000) at.server.print(id, numbered(first, 1000));
    await seen('line 200000');
    expect(await nodes()).to.be.below(1500);
    at.server.end(id, 'completed');
    await at.page.locator('.job-header .pill.completed').waitFor();
  });

  it('shows very long lines in part, and whole when asked', async () => {
    at.server.print(
      id,
      Array.from({ length: 200 }, () => 'x'.repeat(65_536)),
    );
    at.server.print(id, ['the end']);
    await at.openJob(id);
    await seen('the end');
    const more = at.page.locator('.more').last();
    expect(await more.textContent()).to.equal('show the whole line, 65.5 kB');
    await more.focus();
    await at.page.keyboard.press('Enter');
    await at.until(
      '[...document.querySelectorAll(".text")].some((text) => text.textContent.length === 65536)',
    );
  });

  it('says which lines were not kept, in one row', async () => {
    at.server.print(id, numbered(1, 10));
    await at.openJob(id);
    await seen('line 10');
    at.server.print(id, numbered(11, 1000));
    at.server.forget(id, 6, 1000);
    await at.page.locator('.log-box').focus();
    await at.page.locator('.row.gap').waitFor();
    expect(await at.page.locator('.row.gap .text').textContent()).to.contain(
      'Lines 6 to 1,000 were not kept',
    );
    expect((await at.lineNumbers()).filter((number) => number > 0)).to.deep.equal([
      1, 2, 3, 4, 5, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010,
    ]);
  });

  it('finds by itself what was not kept of an old log', async () => {
    at.server.print(id, numbered(1, 200_000));
    at.server.forget(id, 100, 199_000);
    at.server.end(id, 'completed');
    await at.openJob(id, 50);
    await at.page.locator('.row.selected', { hasText: 'line 50' }).waitFor();
    await at.page.locator('.log-box').focus();
    for (let i = 0; i < 3; i += 1) await at.page.keyboard.press('PageDown');
    await at.page.locator('.row.gap', { hasText: 'Lines 100 to 199,000' }).waitFor();
    await seen('line 199001');
    const asked = at.server.seen.filter((request) => request.includes('/lines?')).length;
    expect(asked).to.be.at.most(6);
  });

  it('marks the line of an address, and goes to a step', async () => {
    const start = Date.now() - 60_000;
    at.server.print(id, ['Step 1/2 : FROM scratch', ...numbered(2, 2999)], 'stdout', start);
    at.server.print(id, ['Step 2/2 : RUN make', ...numbered(3002, 3000)], 'stdout', start + 30_000);
    for (const [number, instruction] of [
      [1, 'FROM scratch'],
      [2, 'RUN make'],
    ] as const)
      at.server.step(id, {
        number,
        total: 2,
        instruction,
        cached: number === 1,
        startedAt: start + (number - 1) * 30_000,
        durationMs: 1200,
      });
    await at.openJob(id, 123);
    await at.page.locator('.row.selected', { hasText: 'line 123' }).waitFor();
    expect(await at.page.locator('.to-end').isVisible()).to.equal(true);
    await at.page.locator('.steps button', { hasText: 'RUN make' }).click();
    await seen('Step 2/2 : RUN make');
    expect(await at.page.locator('.steps li').first().getAttribute('class')).to.equal('cached');
    // Where a load was given up just then, a notice comes or goes above, and the row is not where it was.
    await pollUntil(async () => {
      await at.page.locator('.row', { hasText: 'line 3003' }).locator('.num').click();
      return at.page.url() === `${at.server.origin}/#/jobs/${id}/L3003`;
    }, 'the address names line 3003');
    await at.page.locator('.row.selected', { hasText: 'line 3003' }).waitFor();
  });

  it('cancels after a second look', async () => {
    at.server.print(id, ['working']);
    await at.openJob(id);
    await at.page.getByRole('button', { name: 'Cancel' }).click();
    await at.page.getByRole('button', { name: 'Keep it' }).click();
    expect(at.server.seen.filter((request) => request.startsWith('DELETE'))).to.deep.equal([]);
    await at.page.getByRole('button', { name: 'Cancel' }).click();
    await at.page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await at.page.locator('.job-header .pill.canceled').waitFor();
    await at.page.getByRole('button', { name: 'Build again' }).waitFor();
    expect(at.server.seen).to.include(`DELETE /jobs/${id}`);
  });

  it('says so where there is no such job, and where the log is archived', async () => {
    await at.page.goto(`${at.server.origin}/#/jobs/unknown`);
    await at.page.getByText('There is no job unknown.').waitFor();
    at.server.patch(id, { status: 'archived' });
    await at.page.goto(`${at.server.origin}/#/jobs/${id}`);
    await at.page.getByText('Its log is no longer kept.').waitFor();
  });
});
