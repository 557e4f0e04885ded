import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { getJob, type JobView, postJob } from '../fixtures/jobs.ts';
import { freePort } from '../fixtures/freePort.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { goTo, openBrowser } from '../page/page-fixture.ts';

const nowhere = {
  DOCKER_HOST: 'unix:///nowhere.sock',
  DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
};
const login = { username: 'ann', password: 'correct horse' };
const order = { account: 'acme', repo: 'app', ref: 'main' };

/** What a foreign page can make a browser do; each resolves with what the page learned. */
const attempts = (target: string, id: string): Record<string, string> => ({
  'a form that looks like JSON': `new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = 'frame' + Math.random();
    document.body.append(frame);
    const form = document.body.appendChild(document.createElement('form'));
    Object.assign(form, { method: 'POST', action: '${target}/jobs', enctype: 'text/plain', target: frame.name });
    const input = form.appendChild(document.createElement('input'));
    input.name = '{"account":"evil","repo":"evil","ref":"main","x":"';
    input.value = '"}';
    form.submit();
    resolve('sent');
  })`,
  'a form of Travis': `new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = 'frame' + Math.random();
    document.body.append(frame);
    const form = document.body.appendChild(document.createElement('form'));
    Object.assign(form, { method: 'POST', action: '${target}/docker-build/travis', target: frame.name });
    const input = form.appendChild(document.createElement('input'));
    input.name = 'payload';
    input.value = '{"commit":"main","repository":{"owner_name":"evil","name":"evil"}}';
    form.submit();
    resolve('sent');
  })`,
  'a fetch without CORS': `fetch('${target}/jobs', { method: 'POST', mode: 'no-cors', credentials: 'include',
    body: '{"account":"evil","repo":"evil","ref":"main"}' }).then((answer) => answer.text())`,
  'a fetch with CORS': `fetch('${target}/jobs', { credentials: 'include' }).then((answer) => answer.text())`,
  'a fetch with a header of GitHub': `fetch('${target}/docker-build/github', { method: 'POST', credentials: 'include',
    headers: { 'X-GitHub-Event': 'push' }, body: '{"after":"${'1'.repeat(40)}","repository":{"name":"evil","owner":{"name":"evil"}}}' })
    .then((answer) => answer.text())`,
  'a fetch that cancels': `fetch('${target}/jobs/${id}', { method: 'DELETE', credentials: 'include' }).then((answer) => answer.text())`,
  'a beacon': `Promise.resolve(navigator.sendBeacon('${target}/jobs', '{"account":"evil","repo":"evil","ref":"main"}') ? 'sent' : '')`,
  'a websocket': `new Promise((resolve) => {
    const socket = new WebSocket('${target.replace('http', 'ws')}/jobs/${id}/tail?from=1');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onopen = () => resolve('opened');
    socket.onerror = () => resolve('');
  })`,
  'an event stream': `new Promise((resolve) => {
    const events = new EventSource('${target}/events', { withCredentials: true });
    events.onopen = () => resolve('opened');
    events.onerror = () => resolve('');
  })`,
  'a script': `new Promise((resolve) => {
    const script = document.head.appendChild(document.createElement('script'));
    script.onload = () => resolve('loaded');
    script.onerror = () => resolve('');
    script.src = '${target}/jobs';
  })`,
  'a frame around the page': `new Promise((resolve) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.onload = () => { try { resolve(frame.contentDocument.body.innerHTML); } catch { resolve(''); } };
    frame.src = '${target}/';
  })`,
});

/** Method, path and status of the requests that a server's log tells of. */
function requestsSince(server: TestServer, start: number): string[] {
  const lines = server.output().slice(start).split('\n');
  return lines.flatMap((line) => {
    if (!line.includes('"msg":"request"')) return [];
    const { method, path, status } = JSON.parse(line) as Record<string, unknown>;
    return [`${String(method)} ${String(path)} ${String(status)}`];
  });
}

/** Field.md row 11: a page of somebody else, open in the same browser, neither does nor learns anything. */
describe('attack: a page of another site', () => {
  let open: TestServer;
  let guarded: TestServer;
  let foreign: Server;
  let foreignPort: number;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let job: JobView;
  let guardedJob: JobView;
  const Authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;

  before(async () => {
    foreignPort = await freePort();
    foreign = createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end('<body>hello'),
    );
    await once(foreign.listen(foreignPort, '127.0.0.1'), 'listening');
    const credentials = { DOCKER_BUILDER_USERNAME: login.username, DOCKER_BUILDER_PASSWORD: login.password };
    [open, guarded] = await Promise.all([
      startServer({ env: nowhere }),
      startServer({ env: { ...nowhere, ...credentials } }),
    ]);
    job = await postJob(open, order);
    const made = await guarded.request('/jobs', {
      method: 'POST',
      headers: { Authorization },
      body: JSON.stringify(order),
    });
    guardedJob = (await made.json()) as JobView;
    browser = await openBrowser('--host-resolver-rules=MAP evil.example 127.0.0.1');
    context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    foreign?.close();
    foreign?.closeAllConnections();
    await open?.close();
    await guarded?.close();
  });

  async function expectUntouched(): Promise<void> {
    expect((await open.request('/jobs')).headers.get('x-total-count')).to.equal('1');
    expect((await getJob(open, job.id)).status).to.equal('created');
    const jobs = await guarded.request('/jobs', { headers: { Authorization } });
    expect(jobs.headers.get('x-total-count')).to.equal('1');
    expect(Object.values((await jobs.json()) as object)[0]).to.include({ status: 'created' });
  }

  async function attackFrom(origin: string): Promise<void> {
    for (const { server, id } of [
      { server: open, id: job.id },
      { server: guarded, id: guardedJob.id },
    ]) {
      const seen = server.output().length;
      await goTo(page, origin);
      const scripts = Object.entries(attempts(server.url, id));
      const tryAll = async (): Promise<void> => {
        for (const [what, script] of scripts)
          expect(await learnedBy(script), `${what} from ${origin}`).to.be.oneOf(['', 'sent']);
      };
      // They did come here, all of them; but a browser drops what it sends whenever a network interface comes or goes.
      const refused = () => requestsSince(server, seen).filter((request) => request.endsWith(' 403'));
      const haveCome = () =>
        ['POST /docker-build/travis 403', 'GET /events 403'].every((one) => refused().includes(one)) &&
        refused().filter((one) => one === 'POST /jobs 403').length >= 3;
      const giveUpAt = Date.now() + 20_000;
      do await tryAll();
      while (!(await soon(haveCome)) && Date.now() < giveUpAt);
      expect(haveCome(), `${refused().join(', ')} from ${origin}`).to.equal(true);
      await expectUntouched();
    }
  }

  const soon = (question: () => boolean): Promise<boolean> =>
    waitFor('what was tried', question, 2000).then(
      () => true,
      () => false,
    );

  const learnedBy = (script: string) =>
    Promise.race([
      page.evaluate<string>(`${script}.catch(() => '')`),
      new Promise((_, reject) => setTimeout(() => reject(new Error(`no end of ${script}`)), 5000)),
    ]);

  it('does and learns nothing, however near it is', async () => {
    // The cookie of a session is there, and goes along wherever the site is the same: ports make no difference.
    await goTo(page, guarded.url);
    const status = `fetch('/session', { method: 'POST', body: '${JSON.stringify(login)}' }).then(({ status }) => status)`;
    expect(await page.evaluate(status)).to.equal(204);
    expect(await page.evaluate(`fetch('/jobs').then(({ status }) => status)`)).to.equal(200);
    await attackFrom(`http://127.0.0.1:${foreignPort}/`);
    await attackFrom(`http://localhost:${foreignPort}/`);
    await attackFrom(`http://evil.example:${foreignPort}/`);
  });

  it('does nothing by a name of its own that leads here', async () => {
    const here = `http://evil.example:${open.port}`;
    const answer = await page.goto(`${here}/jobs`);
    expect(answer?.status()).to.equal(421);
    const statusOf = (call: string) => page.evaluate<number>(`${call}.then(({ status }) => status)`);
    const post = (path: string, headers: object, body: string) =>
      statusOf(`fetch('${path}', ${JSON.stringify({ method: 'POST', headers, body })})`);
    expect(await post('/jobs', {}, JSON.stringify({ ...order, account: 'evil' }))).to.equal(421);
    const push = JSON.stringify({
      after: '1'.repeat(40),
      repository: { name: 'evil', owner: { name: 'evil' } },
    });
    for (const server of [open, guarded]) {
      await goTo(page, `http://evil.example:${server.port}/health`);
      expect(await post('/docker-build/github', { 'X-GitHub-Event': 'push' }, push)).to.equal(421);
      const payload = JSON.stringify({ commit: 'main', repository: { owner_name: 'evil', name: 'evil' } });
      const form = new URLSearchParams({ payload }).toString();
      const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
      expect(await post('/docker-build/travis', type, form)).to.equal(421);
    }
    expect(
      await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('ws://evil.example:${open.port}/jobs/${job.id}/tail');
      socket.onopen = () => resolve('opened');
      socket.onerror = () => resolve('');
    })`),
    ).to.equal('');
    await expectUntouched();
  });

  it('may link here, and no more', async () => {
    await goTo(page, `http://localhost:${foreignPort}/`);
    await page.evaluate(`document.body.innerHTML = '<a href="${open.url}/#/">come in</a>'`);
    await page.getByText('come in').click();
    await page.locator('.run', { hasText: 'acme/app' }).waitFor();
    expect(await page.evaluate('document.referrer.includes("jobs")')).to.equal(false);
  });
});
