import net from 'node:net';
import { expect } from 'chai';
import { entriesIn } from '../../server/doors/scale/logs/entries.ts';
import { addNotifyAuthor } from '../server/barbeque/fixture.ts';
import { makeF2, makeLogged, openScale, type ScaleWeb } from '../server/scale/executionFixture.ts';
import { waitFor } from '../fixtures/waitFor.ts';

const json = { 'Content-Type': 'application/json' };
const arrays = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('attack: requests that cost more than they should', () => {
  let web: ScaleWeb;
  let key: string;
  const open = async (limits: object = {}) => {
    web = await openScale({ settings: { limits } });
    await web.room.wishes.setServer('paused');
    await addNotifyAuthor(web);
    key = (await web.makeKey({ project: 'acme', scopes: ['*'] })).text;
  };
  afterEach(() => web.close());

  const post = (path: string, body: unknown) => web.ask('POST', path, { key, body, headers: json });

  it('by depth are refused wherever there is a body', async () => {
    await open();
    const admin = 'the-token-of-the-administrator';
    for (const deep of [arrays(5_000), arrays(400_000), objects(150_000)])
      for (const [method, path, body] of [
        [
          'POST',
          '/queue/new-job/',
          `{"job_type_id":1,"job_data":{"input_data":[{"name":"x","value":${deep}}]}}`,
        ],
        ['POST', '/queue/new-job/', `{"job_type_id":1,"job_data":{"version":${deep}}}`],
        ['POST', '/queue/new-job/', deep],
        ['POST', '/queue/requeue-jobs/', `{"job_ids":${deep}}`],
        ['POST', '/v6/jobs/cancel/', `{"status":${deep}}`],
        ['PATCH', '/v3/job-types/1/', `{"is_paused":${deep}}`],
        ['PATCH', '/v3/scheduler/', `{"is_paused":${deep}}`],
        ['PUT', '/queues/x', `{"paused":${deep}}`],
        [
          'POST',
          '/v2/job_executions',
          `{"application":"blog","job":"NotifyAuthor","queue":"default","message":${deep}}`,
        ],
        ['POST', '/v1/jobs', `{"project_id":"blog","name":"y","slug":"y","container":{"image":${deep}}}`],
        [
          'POST',
          '/v1/jobs',
          `{"project_id":"blog","name":"y","slug":"y","container":{"image":"a","tmpfs":${deep}}}`,
        ],
      ] as const) {
        const { status, text } = await web.ask(method, path, { key: admin, body, headers: json });
        expect(status, `${method} ${path} ${deep.length}: ${text.slice(0, 200)}`).to.equal(400);
      }
  });

  it('by length are answered, and by no error of the server', async () => {
    await open();
    await makeF2(web, Date.now());
    const many = <T>(one: (index: number) => T) => Array.from({ length: 50_000 }, (_, index) => one(index));
    for (const body of [
      { status: many(() => 'FAILED'), started: 'PT1S' },
      { job_type_names: many((index) => `n${index}`) },
      { job_type_categories: many(() => 'x') },
      { error_categories: many((index) => String(index)) },
      { job_ids: many((index) => index) },
      { started: `P${'9'.repeat(900_000)}D` },
      { started: `PT${'9.'.repeat(400_000)}S` },
      { priority: '9'.repeat(900_000) },
      { job_ids: `${' '.repeat(900_000)}x` },
      Object.fromEntries(many((index) => [`f${index}`, 1])),
    ])
      for (const path of ['/queue/requeue-jobs/', '/v6/jobs/cancel/'])
        expect((await post(path, body)).status, path).to.be.oneOf([202, 400, 404]);
    for (const query of [
      'order=id&order=-status&',
      'status=FAILED&status=x&',
      'job_type_name=a&',
      'job_type_id=1&',
    ]) {
      const { status } = await web.ask('GET', `/v3/jobs/?page=last&${query.repeat(500)}`, { key });
      expect(status, query).to.equal(200);
    }
    const wish = { application: 'blog', job: 'NotifyAuthor', queue: 'default', message: 1 };
    const admin = { key: 'the-token-of-the-administrator', headers: json };
    for (const fields of [
      'a['.repeat(500_000),
      ' '.repeat(1_000_000),
      'a[b]'.repeat(250_000),
      'a,'.repeat(500_000),
    ])
      expect(
        (await web.ask('POST', '/v2/job_executions', { ...admin, body: { ...wish, fields } })).status,
      ).to.be.oneOf([201, 400]);
    const etags = { 'If-None-Match': 'W/",'.repeat(3000) };
    expect((await web.ask('GET', '/v1/job_executions/x', { key, headers: etags })).status).to.equal(404);
  });

  for (const path of ['/queue/requeue-jobs/', '/v6/jobs/requeue/', '/v1/runs/bulk-replay'])
    it(`that make many runs at once are as many triggers, whatever is left of the limit: ${path}`, async () => {
      await open({ triggersPerMinute: 10 });
      await makeF2(web, Date.now());
      const { read } = web.room.store;
      const { runs } = await read.searchRuns({ project: 'acme', states: ['dead_letter'] }, { limit: 100 });
      const body = path.startsWith('/v1') ? { run_ids: runs.map(({ id }) => id) } : { status: 'FAILED' };
      // Down to the last trigger, which must not pay for all that one request can make.
      const { key: job_type_id } = (await read.jobBySlug('acme', 'b')) ?? expect.fail();
      for (let left = 10; left > 1; left--)
        expect((await post('/queue/new-job/', { job_type_id, job_data: {} })).status).to.equal(201);
      const count = () => read.countListedRuns({ project: 'acme' });
      const before = await count();
      expect((await post(path, body)).status).to.be.oneOf([200, 202]);
      const after = await count();
      expect(after - before).to.be.greaterThan(10);
      const { status, headers } = await post(path, body);
      expect([status, Number(headers['retry-after']) > 60]).to.deep.equal([429, true]);
      expect(await count()).to.equal(after);
    });

  it('for a long log are forgotten with whoever asked', async () => {
    await open();
    const lines = Array.from(
      { length: 60_000 },
      (_, index) => ['stdout', `${index} ${'x'.repeat(80)}`] as const,
    );
    const id = await makeLogged(web, lines, {});
    const range = { from: 1, to: lines.length };
    const { run } = (await web.room.store.read.execution(id)) ?? expect.fail();
    let groups = 0;
    const wanted = { runId: run.id, isGone: () => groups === 2 };
    for await (const _ of entriesIn(web.room, wanted, range)) groups++;
    expect(groups).to.equal(2);

    const follow = web.room.logs.follow.bind(web.room.logs);
    let [following, begun] = [0, 0];
    web.room.logs.follow = (...asked) => {
      const follower = follow(...asked);
      begun++;
      following++;
      const close = (): void => {
        following--;
        follower.close();
      };
      return Object.defineProperty({ take: () => follower.take(), close, next: 0 }, 'next', {
        get: () => follower.next,
      });
    };
    const paths = ['logs/', 'logs/stderr/', 'logs/combined/', 'logs/combined/?format=html'];
    const sockets = paths.flatMap((path) =>
      Array.from({ length: 5 }, () => stalled(web.port, `/job-executions/${id}/${path}`)),
    );
    await waitFor('the readers', () => begun >= sockets.length);
    for (const socket of sockets) socket.destroy();
    await waitFor('the log to be let go', () => following === 0);
  });
});

/** Asks, and reads nothing of the answer. */
function stalled(port: number, path: string): net.Socket {
  const socket = net.connect(port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  const auth = 'Authorization: Bearer the-token-of-the-administrator';
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n${auth}\r\n\r\n`);
  return socket;
}
