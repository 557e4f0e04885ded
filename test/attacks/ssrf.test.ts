import type { LookupAddress } from 'node:dns';
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { buildConnector } from 'undici';
import { createHttpClient, type HttpClient } from '../../server/room/http/client.ts';
import { EndpointFault } from '../../server/room/http/endpointFault.ts';
import { guardedConnector } from '../../server/room/http/connector.ts';
import { endpointProblem } from '../../server/room/http/guard.ts';
import type { Answer } from '../../server/room/http/exchange.ts';
import { insertJob } from '../../server/room/jobs/create.ts';
import type { HttpDefinition } from '../../server/words/job.ts';
import { Problem } from '../../server/words/problems.ts';
import { uuid7 } from '../../server/words/uuid7.ts';
import { type HttpWorld, openHttpWorld } from '../server/httpJobs/httpWorld.ts';
import { type Received, type Receiver, startReceiver } from '../server/notify/receiver.ts';

/** Somebody's job makes the server call addresses that he cannot reach himself. */
describe('an endpoint in a place where it must not be', () => {
  let world: HttpWorld;
  /** What listens where nobody outside gets. */
  let inside: Receiver;

  before(async () => {
    world = await openHttpWorld({ DOCKER_BUILDER_ALLOW_PRIVATE: '0' });
    inside = await startReceiver();
  });
  afterEach(() => expect(inside.received).to.deep.equal([]));
  after(async () => {
    await world.close();
    await inside.close();
  });

  const portOf = ({ url }: Receiver) => new URL(url).port;

  it('is refused when the job is made', async () => {
    for (const url of [inside.url, 'http://169.254.169.254/latest/', 'http://2130706433/', 'http://[::1]/']) {
      const refusal = await world.job(url).catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(Problem).with.property('code', 'validation_error');
      expect(refusal)
        .to.have.property('message')
        .that.matches(/invalid endpoint_url: .*private or reserved/);
    }
    const fallback = { http: { fallbackUrl: 'http://10.0.0.1/' } };
    const refusal = await world.job('http://203.0.114.1/', fallback).catch((error: unknown) => error);
    expect(refusal)
      .to.have.property('message')
      .that.matches(/invalid fallback_endpoint_url/);
  });

  it('is refused where its name leads there', async () => {
    const asked: string[] = [];
    const answers: Record<string, LookupAddress[]> = {
      'inner.example': [{ address: '10.1.2.3', family: 4 }],
      'both.example': [
        { address: '93.184.215.14', family: 4 },
        { address: 'fd00::1', family: 6 },
      ],
      'outer.example': [{ address: '93.184.215.14', family: 4 }],
    };
    const resolve = async (host: string) => {
      asked.push(host);
      const found = answers[host];
      if (!found) throw new Error('ENOTFOUND');
      return found;
    };
    const problem = (url: string) => endpointProblem(world.room, url, resolve);
    expect(await problem('http://inner.example/')).to.match(/resolves to .* 10\.1\.2\.3$/);
    expect(await problem('http://both.example./x')).to.match(/resolves to .* fd00::1$/);
    expect(await problem('http://outer.example/')).to.equal(undefined);
    expect(await problem('http://nowhere.example/')).to.equal(undefined);
    expect(asked).to.deep.equal(['inner.example', 'both.example', 'outer.example', 'nowhere.example']);
    expect(
      await endpointProblem(world.room, 'http://slow.example/', () => Promise.reject(new Error('x'))),
    ).to.equal(undefined);
  });

  it('is not called by a job that was made when it was still allowed', async () => {
    const places: HttpDefinition[] = [
      { url: inside.url },
      { url: `http://0x7f.1:${portOf(inside)}/` },
      { url: `http://[::ffff:127.0.0.1]:${portOf(inside)}/` },
      { url: `http://localhost:${portOf(inside)}/` },
      { url: 'http://127.0.0.1:8080/', fallbackUrl: inside.url },
    ];
    for (const [index, http] of places.entries()) {
      const job = await world.room.store.write((tx) =>
        insertJob(
          tx,
          {
            id: uuid7(),
            project: 'acme',
            slug: `old-${index}`,
            kind: 'http',
            enabled: true,
            definition: { http, maxAttempts: 3, timeoutSecs: 10 },
            createdBy: null,
          },
          Date.now(),
        ),
      );
      const run = await world.done(job);
      expect(run).to.include({ state: 'dead_letter', reason: 'endpoint_refused', attempt: 1 });
    }
  });
});

/** The first address is a public one, and what it leads to is not. */
describe('an endpoint that leads elsewhere', () => {
  let outside: Receiver;
  let inside: Receiver;
  let client: HttpClient;
  let answer: (response: ServerResponse, call: Received) => void;
  /** How often each name was looked up. */
  let lookups: string[];
  /** What the names of the second kind lead to, one after the other. */
  let addresses: string[];

  beforeEach(async () => {
    lookups = [];
    addresses = [];
    outside = await startReceiver((response, call) => answer(response, call));
    inside = await startReceiver();
    // The internet of this test: names under public.example are there, and all others are looked up and guarded.
    const dial = buildConnector({});
    const guarded = guardedConnector(false, async (host) => {
      lookups.push(host);
      const address = addresses.shift() ?? '93.184.215.14';
      return [{ address, family: address.includes(':') ? 6 : 4 }];
    });
    client = createHttpClient({
      allowPrivate: false,
      connections: 4,
      connect(options, callback) {
        if (!options.hostname.endsWith('public.example')) return guarded(options, callback);
        const { port } = new URL(outside.url);
        return dial({ ...options, hostname: '127.0.0.1', port }, callback);
      },
    });
  });
  afterEach(async () => {
    expect(inside.received).to.deep.equal([]);
    await client.close();
    await outside.close();
    await inside.close();
  });

  const redirecting = (status: number, to: string) => (response: ServerResponse, call: Received) => {
    if (call.path === '/start') response.writeHead(status, { Location: to });
    response.end('there');
  };
  function post(): Promise<Answer> {
    return client.post(
      {
        url: 'http://public.example/start',
        headers: { 'content-type': 'application/json', 'x-run-id': 'r' },
        ownHeaders: { 'x-run-token': 't', 'x-strait-signature': 's', authorization: 'a' },
        body: '{"a":1}',
      },
      new AbortController().signal,
    );
  }
  async function refusal(): Promise<EndpointFault> {
    const error = await post().catch((caught: unknown) => caught);
    if (!(error instanceof EndpointFault)) throw new Error('it was not refused', { cause: error });
    return error;
  }

  for (const to of [
    'INSIDE',
    'http://localhost/',
    'http://2852039166/latest/meta-data/',
    'http://[::ffff:7f00:1]/',
    '//10.0.0.1/x',
    'http://public.example:6379/',
    'http://user@public.example/',
    'file:///etc/passwd',
    'gopher://public.example/_x',
  ])
    for (const status of [302, 307])
      it(`is not followed to ${to} (${status})`, async () => {
        answer = redirecting(status, to === 'INSIDE' ? inside.url : to);
        expect(await refusal()).to.have.property('reason', 'endpoint_refused');
        expect(outside.received).to.have.length(1);
      });

  it('is not followed to a name of a private address', async () => {
    answer = redirecting(302, 'http://rebinding.example/');
    addresses = ['127.0.0.1'];
    const { reason, message } = await refusal();
    expect(reason).to.equal('endpoint_refused');
    expect(message).to.match(/rebinding\.example resolves to 127\.0\.0\.1/);
    expect(lookups).to.deep.equal(['rebinding.example']);
  });

  it('is looked up once for a connection: a second answer does not count', async () => {
    addresses = ['::1', '93.184.215.14'];
    const url = 'http://rebinding.example/';
    const error = await client
      .post({ url, headers: {}, ownHeaders: {}, body: '' }, new AbortController().signal)
      .catch((caught: unknown) => caught);
    expect(error).to.have.property('reason', 'endpoint_refused');
    expect(lookups).to.have.length(1);
  });

  it('gets what belongs to the first origin only there', async () => {
    answer = redirecting(307, 'http://other.public.example/next');
    expect((await post()).body.toString()).to.equal('there');
    const [first, second] = outside.received;
    expect(first?.headers).to.include({ 'x-run-token': 't', 'x-strait-signature': 's', authorization: 'a' });
    expect(second?.headers).to.include({ 'x-run-id': 'r', 'content-type': 'application/json' });
    expect(second?.headers).not.to.have.any.keys('x-run-token', 'x-strait-signature', 'authorization');
    expect(second?.body.toString()).to.equal('{"a":1}');
  });

  it('gets all of it again at the same origin', async () => {
    answer = redirecting(308, '/next?x=1');
    await post();
    expect(outside.received[1]).to.deep.include({ path: '/next?x=1' });
    expect(outside.received[1]?.headers).to.include({ 'x-run-token': 't' });
    expect(outside.received[1]?.body.toString()).to.equal('{"a":1}');
  });

  it('is asked with a GET without a body after 303, as by a browser', async () => {
    answer = redirecting(303, '/next');
    expect((await post()).status).to.equal(200);
    expect(outside.received[1]?.body.length).to.equal(0);
    expect(outside.received[1]?.headers).not.to.have.property('content-type');
  });

  it('is followed five times at most', async () => {
    answer = (response) => void response.writeHead(302, { Location: '/again' }).end();
    expect((await post()).status).to.equal(302);
    expect(outside.received).to.have.length(6);
  });
});
