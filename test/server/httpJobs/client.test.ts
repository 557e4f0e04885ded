import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { createHttpClient, type HttpClient } from '../../../server/room/http/client.ts';
import { newLazyLog } from '../../../server/room/http/lazyLog.ts';
import { openLogs } from '../../../server/room/logs/logs.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Receiver, startReceiver } from '../notify/receiver.ts';
import { temporaryFolder } from '../store/temporaryStore.ts';

describe('the HTTP client', () => {
  let endpoint: Receiver;
  let client: HttpClient;
  /** Whether the endpoint answers. */
  let answers: boolean;
  const sockets = new Set<Socket | null>();

  beforeEach(async () => {
    answers = true;
    sockets.clear();
    endpoint = await startReceiver((response) => {
      sockets.add(response.socket);
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      if (answers) response.end('{"a":1}');
    });
    client = createHttpClient({ allowPrivate: true, connections: 1 });
  });
  afterEach(async () => {
    await client.close();
    await endpoint.close();
  });

  const post = (to: HttpClient, signal: AbortSignal = new AbortController().signal, url = endpoint.url) =>
    to.post({ url, headers: {}, ownHeaders: {}, body: '{}' }, signal);
  const caught = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

  it('keeps its connection, and takes the answer that comes after hints', async () => {
    for (let i = 0; i < 3; i++) {
      const { status, body } = await post(client);
      expect([status, body.toString()]).to.deep.equal([200, '{"a":1}']);
    }
    expect(sockets.size).to.equal(1);
  });

  it('stops at once when it is told to: connecting, in line, and waiting for the answer', async () => {
    answers = false;
    const never = createHttpClient({ allowPrivate: true, connections: 1, connect: () => {} });
    const stop = new AbortController();
    const posts = [post(never, stop.signal), post(client, stop.signal), post(client, stop.signal)].map(
      caught,
    );
    await waitFor('the call', () => endpoint.open === 1);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await Promise.all(posts)).to.deep.equal([reason, reason, reason]);
    expect(await caught(post(client, stop.signal))).to.equal(reason);
    await waitFor('the request to be cut', () => endpoint.open === 0);
    answers = true;
    expect((await post(client)).status).to.equal(200);
    expect(endpoint.received.length).to.equal(2);
    await never.close();
  });

  it('says that nobody is there', async () => {
    await endpoint.close();
    const error = await caught(post(client));
    expect(error).to.have.property('reason', 'endpoint_unreachable');
    expect(error)
      .to.have.property('message')
      .that.matches(/^endpoint gave no answer: connect ECONNREFUSED/);
    endpoint = await startReceiver();
  });

  it('takes nothing but HTTP for an answer', async () => {
    const other = createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    const error = await caught(post(client, undefined, `http://127.0.0.1:${port}/`));
    expect(error).to.have.property('reason', 'endpoint_unreachable');
    other.close();
  });
});

describe('the log of an HTTP attempt', () => {
  const folder = temporaryFolder();
  const logs = openLogs({ folder });
  after(async () => {
    await logs.close();
    await rm(folder, { recursive: true, force: true });
  });

  function newLog(runId: string) {
    const faults: unknown[] = [];
    const log = newLazyLog({
      open: () => logs.write(runId),
      redact: () => (text) => text.replaceAll('secret', '***'),
      onFault: (error) => faults.push(error),
    });
    return { log, faults };
  }

  it('makes no file for what is only noted', async () => {
    const runId = uuid7();
    const { log } = newLog(runId);
    log.note('nothing to see');
    expect(await log.end(false)).to.deep.equal({ firstLine: null, lastLine: null });
    expect(await logs.lineCount(runId)).to.equal(undefined);
  });

  it('holds the notes in their place, without secrets, across attempts', async () => {
    const runId = uuid7();
    const { log } = newLog(runId);
    log.note('one secret');
    await Promise.all([log.write('stdout', 'two'), log.write('stderr', 'three')]);
    log.note('four');
    expect(await log.end(false)).to.deep.equal({ firstLine: 1, lastLine: 4 });
    const next = newLog(runId).log;
    next.note('five');
    expect(await next.end(true)).to.deep.equal({ firstLine: 5, lastLine: 5 });
    const text: string[] = [];
    for await (const lines of logs.lines(runId, 1, 9)) text.push(...lines.map((line) => line.text));
    expect(text).to.deep.equal(['one ***', 'two', 'three', 'four', 'five']);
  });

  it('is not begun again after its end', async () => {
    const runId = uuid7();
    const { log } = newLog(runId);
    await log.end(true);
    await log.write('stdout', 'late');
    expect(await logs.lineCount(runId)).to.equal(undefined);
  });

  it('lets the attempt go on where it cannot be written', async () => {
    const { log, faults } = newLog('no-run');
    await log.write('stdout', 'x');
    expect(await log.end(true)).to.deep.equal({ firstLine: null, lastLine: null });
    expect(faults).to.have.length(1);
  });
});
