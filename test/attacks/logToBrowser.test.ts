import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { buildJob, type JobView } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';
import { goTo, openBrowser } from '../page/page-fixture.ts';

const scripts = [
  '<script>hacked=1</script>',
  '<img src=x onerror=hacked=1>',
  '<svg/onload=hacked=1>',
  '</span></main><iframe srcdoc="<script>parent.hacked=1</script>">',
  '"><body onload=hacked=1>',
  '{{constructor.constructor("hacked=1")()}}',
  '<a href=javascript:hacked=1>press</a>',
];
const osc8 = (url: string) => `\\033]8;;${url}\\033\\\\press\\033]8;;\\033\\\\`;
const terminal = [
  osc8('javascript:hacked=1'),
  osc8('data:text/html,<script>hacked=1</script>'),
  osc8('https://evil.example/'),
  '\\033]0;a new title\\007after the title',
  '\\033]52;c;ZWNobyBoYWNrZWQ=\\007after the clipboard',
  '\\033[2J\\033[Hafter the clearing',
  '\\033P+q544e\\033\\\\after the question',
  '\\033[6n\\033[cafter the report',
  '\\233\\061mC1 controls',
  '\\033]8;;javascript:hacked=1',
  'plain again',
  'javascript:hacked=1 and data:text/html,x and http://evil.example/"onmouseover="hacked=1',
];

/** Field.md row 5: what a build prints is text in every place that shows it. */
describe('attack: a log that acts in the browser', () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  let job: JobView;
  let problems: string[];

  before(async () => {
    world = await openWorld();
    browser = await openBrowser();
    const print = [
      ...scripts.map((text) => `echo '${text}'`),
      ...terminal.map((text) => `printf '${text}\\n'`),
    ];
    const Dockerfile = [
      'FROM busybox',
      `LABEL evil='${scripts[0]}'`,
      `RUN ${print.join('; ')}`,
      `RUN echo '${scripts[1]}' >&2; exit 3`,
      '',
    ].join('\n');
    const branch = '<img/src=x/onerror=hacked=1>';
    const [bobfile = ''] = scripts;
    const files = { Dockerfile, [bobfile]: '[[container]]\nname = "evil"\n' };
    await createRepository(world.git, 'acme/evil', files, { branch, message: bobfile });
    job = await buildJob(world.server, { account: 'acme', repo: 'evil', ref: branch, bobfile });
    expect(job).to.include({ status: 'errored', reason: 'build_step_failed', ref: branch });
  });
  after(async () => {
    await browser?.close();
    await world?.close();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('dialog', (dialog) => {
      problems.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(world.server.url)) problems.push(request.url());
    });
  });
  afterEach(async () => {
    expect(await page.evaluate('typeof hacked')).to.equal('undefined');
    expect(problems).to.deep.equal([]);
    await page.close();
  });

  const open = (path: string) => goTo(page, world.server.url + path);
  const seen = (text: string) => page.locator('.row .text', { hasText: text }).first().waitFor();
  const texts = async () => page.locator('.row .text').allTextContents();

  it('is text in the log, the steps, the header and the list', async () => {
    await page.setViewportSize({ width: 1200, height: 2500 });
    await open(`/#/jobs/${job.id}`);
    await seen('plain again');
    const shown = await texts();
    for (const text of scripts) expect(shown).to.include(text);
    for (const text of ['press', 'after the title', 'after the clearing', 'after the report'])
      expect(shown).to.include(text);
    await page.locator('.error-box', { hasText: "echo '<img src=x onerror=hacked=1>'" }).waitFor();
    await page.locator('.steps', { hasText: '<script>hacked=1</script>' }).waitFor();
    expect(
      await page.locator('main script, main img, main svg, main iframe, main a[href^="javascript"]').count(),
    ).to.equal(0);
    await open('/#/');
    await page.locator('.run', { hasText: '<img/src=x/onerror=hacked=1>' }).waitFor();
    expect(await page.locator('main script, main iframe, main img[src=x]').count()).to.equal(0);
    expect(await page.title()).not.to.contain('a new title');
  });

  it('links to nothing but http and https, with nobody looking over the shoulder', async () => {
    await page.setViewportSize({ width: 1200, height: 2500 });
    await open(`/#/jobs/${job.id}`);
    await seen('plain again');
    const links = await page.locator('.row .text a').all();
    for (const link of links) {
      expect(await link.getAttribute('href')).to.match(/^https?:\/\//);
      expect(await link.getAttribute('rel')).to.match(/noopener/);
      expect(await link.getAttribute('onmouseover')).to.equal(null);
    }
  });

  it('is plain text where the server gives it out itself, and no page', async () => {
    for (const path of ['tail', 'log']) {
      const { headers } = await world.server.request(`/jobs/${job.id}/${path}`);
      expect(headers.get('content-type')).to.equal('text/plain; charset=utf-8');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
    }
    await open(`/jobs/${job.id}/tail`);
    expect(await page.evaluate('document.contentType')).to.equal('text/plain');
    await open(`/jobs/${job.id}`);
    expect(await page.evaluate('document.contentType')).to.equal('application/json');
  });

  it('meets headers on every answer that leave a script nothing', async () => {
    const answers: [string, RequestInit?][] = [
      ['/'],
      ['/jobs'],
      [`/jobs/${job.id}/lines?from=1&to=9`],
      ['/jobs/<script>hacked=1</script>'],
      ['/%3Cscript%3Ehacked=1%3C/script%3E'],
      ['/jobs', { method: 'POST', body: '{"account":"<script>hacked=1</script>"' }],
      ['/jobs', { method: 'PATCH' }],
      ['/health'],
      ['/page/main.js'],
      [`/jobs/${job.id}/tail?n=<script>hacked=1</script>`],
    ];
    for (const [path, init] of answers) {
      const { headers } = await world.server.request(path, init);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, path).to.contain("default-src 'none'").and.contain("frame-ancestors 'none'");
      expect(policy, path).not.to.match(/unsafe-inline|unsafe-eval|\*/);
      expect(headers.get('x-content-type-options'), path).to.equal('nosniff');
      expect(headers.get('cross-origin-resource-policy'), path).to.equal('same-origin');
      expect(headers.get('content-type') ?? '', path).to.satisfy(
        (type: string) => !type.startsWith('text/html') || path === '/',
      );
    }
    await open('/jobs/<script>hacked=1</script>');
  });

  it('is no second line in the log of the server', () => {
    for (const line of world.server.output().trim().split('\n'))
      expect(JSON.parse(line)).to.have.property('msg');
  });
});
