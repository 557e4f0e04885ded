import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { openBrowser, pollUntil, type Visit, visit } from './page-fixture.ts';

const start = Date.now() - 60_000;
const phase = (name: string, second: number, exitCode?: number) => ({
  phase: name,
  startedAt: start + second * 1000,
  ...(exitCode !== undefined && { endedAt: start + second * 1000 + 500, exitCode }),
});

describe('page: a run of a container in a browser', () => {
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

  const addRun = (fields: object = {}) =>
    at.server.addJob({ repo: 'report', ref: '', kind: 'container', ...fields }).id;
  const facts = () => at.page.locator('.job-header > .facts dt').allTextContents();
  const text = (selector: string) => at.page.locator(selector).textContent();

  it('has its kind in the list, where others have their ref', async () => {
    at.server.addJob({ ref: 'main' });
    addRun();
    addRun({ repo: 'call', kind: 'http', status: 'completed' });
    await at.page.goto(at.server.origin);
    await at.page.locator('.run').nth(2).waitFor();
    expect(await at.page.locator('.run .ref').allTextContents()).to.deep.equal(['http', 'container', 'main']);
    expect(await at.page.locator('.run .pill').allTextContents()).to.deep.equal([
      'completed',
      'running',
      'building',
    ]);
  });

  it('says what it does in its own words, and ends with its exit code and result', async () => {
    const id = addRun();
    at.server.attempt(id, { phases: [phase('clone', 0, 0), phase('build', 1)] });
    await at.openJob(id);
    await at.page.locator('.phases li.running', { hasText: 'run' }).waitFor();
    expect(await at.page.title()).to.equal('running · acme/report · docker-builder');
    expect(await facts()).to.deep.equal(['Kind', 'Time']);
    expect(await at.page.locator('.phases li').allTextContents()).to.match(/^prepare.*,run/);
    await at.page.getByRole('button', { name: 'Cancel' }).click();
    await at.page.getByText('Stop this run?').waitFor();

    at.server.attempt(id, {
      phases: [phase('clone', 0, 0), phase('build', 1, 0), phase('push', 2, 0)],
      exit_code: 0,
    });
    at.server.run(id, { result: { sent: 3 } });
    at.server.end(id, 'completed');
    await at.page.locator('.result pre').waitFor();
    expect(await text('.result pre')).to.equal('{\n  "sent": 3\n}');
    expect(await text('.more-facts')).to.equal('Attempt 1 · Engine local · Exit code 0');
    expect(await text('.side summary')).to.equal('Attempt');
  });

  it('is done again: with the same payload, or as a replay where it failed', async () => {
    const done = addRun();
    at.server.run(done, { job_id: 'of', payload: { a: 1 } });
    at.server.end(done, 'completed');
    const failed = addRun();
    at.server.end(failed, 'errored', 'the command ended with exit code 3', 'command_failed');
    const bare = addRun();
    at.server.run(bare, { payload: { value: 'text' } });
    at.server.end(bare, 'canceled');

    const again = at.page.getByRole('button', { name: 'Run again' });
    for (const id of [done, failed]) {
      const { length } = at.server.posted;
      await at.openJob(id);
      await again.click();
      await pollUntil(() => Promise.resolve(at.server.posted.length > length), 'it is asked for again');
      await at.page.locator('.pill.created').waitFor();
    }
    expect(at.server.posted).to.deep.equal([
      { path: '/v1/jobs/of/trigger', payload: { a: 1 } },
      { path: `/v1/runs/${failed}/replay` },
    ]);
    await at.openJob(bare);
    await again.click();
    await at.page.getByText('Its payload is not known here exactly').waitFor();
    expect(at.server.posted).to.have.length(2);
  });
});
