import { expect } from 'chai';
import { once } from 'node:events';
import net from 'node:net';
import { Problem } from '../../../server/words/problems.ts';
import { asText, numbered, runId, writeLines } from '../logs/logFixture.ts';
import { type LiveServer, openSocket, refusal, type SocketReader, startLive } from './liveFixture.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const completed = { state: 'completed', phase: null, completedAt: 2 } as const;

describe('a websocket on a run', () => {
  it('shows its state, history, what is written meanwhile, and its end', async () => {
    await using server = await startLive();
    const writer = await server.place.logs.write(runId);
    writer.append('system', 'history ✓\n');
    await writer.flush();
    const reader = await openSocket(server, '?from=1');
    await waitFor('history came', () => reader.lines().length === 1);
    writer.append('stderr', 'live\nüber\n');
    await writer.end();
    server.change({ ...completed, state: 'failed', reason: 'build_step_failed', error: 'exit 3' });
    await waitFor('the socket closed', () => reader.code() !== undefined);
    expect(reader.code()).to.equal(1000);
    expect(reader.messages[0]).to.deep.equal({
      type: 'state',
      status: 'running',
      phase: 'clone',
      attempt: 1,
    });
    const [at, ...block] = reader.messages.findLast((message) => message.type === 'lines')?.blocks[0] ?? [];
    expect(block).to.deep.equal(['stderr', 'live\nüber\n']);
    expect(at).to.be.closeTo(Date.now(), 60_000);
    expect(reader.messages.slice(-2)).to.deep.equal([
      { type: 'state', status: 'failed', phase: null, attempt: 1 },
      { type: 'end', status: 'failed', reason: 'build_step_failed', error: 'exit 3', lines: 3 },
    ]);
  });

  it('begins where it is asked to: the last 100 lines, the last n, or a line', async () => {
    await using server = await startLive();
    const all = numbered(300);
    await writeLines(server.place.logs, all);
    server.change(completed);
    const cases: [string, string[]][] = [
      ['', all.slice(-100)],
      ['?n=', all.slice(-100)],
      ['?n=5', all.slice(-5)],
      ['?n=999', all],
      ['?from=1', all],
      ['?from=299', all.slice(-2)],
      ['?from=301', []],
    ];
    for (const [query, expected] of cases) {
      const reader = await openSocket(server, query);
      await waitFor('the end came', () => reader.ended());
      expect(reader.lines(), query).to.deep.equal(expected);
    }
  });

  it('tells each change of state and each step once, and begins anew with the next attempt', async () => {
    await using server = await startLive();
    const step = { number: 1, total: 2, instruction: 'FROM scratch', cached: false, startedAt: 5 };
    server.steps.push(step);
    const reader = await openSocket(server);
    await waitFor('the step came', () => reader.messages.length === 2);
    const running = { ...step, number: 2, instruction: 'RUN true' };
    server.events.stepChanged(runId, running);
    await waitFor('the second step came', () => reader.messages.length === 3);
    Object.assign(running, { durationMs: 7 });
    server.events.stepChanged(runId, running);
    await waitFor('its end came', () => reader.messages.length === 4);
    server.change({ phase: 'build' });
    server.change({ phase: 'build', commit: 'abc' });
    server.change({ state: 'queued', phase: null, attempt: 2 });
    await waitFor('attempt 2 came', () =>
      reader.messages.some((message) => message.type === 'state' && message.attempt === 2),
    );
    server.change({ state: 'running', phase: 'build' });
    server.events.stepChanged(runId, { ...step, cached: true });
    server.change(completed);
    await waitFor('the end came', () => reader.ended());
    const steps = reader.messages.flatMap((message) => (message.type === 'step' ? [message.step] : []));
    expect(steps).to.deep.equal([
      step,
      { ...step, number: 2, instruction: 'RUN true' },
      running,
      { ...step, cached: true },
    ]);
    const states = reader.messages.flatMap((message) =>
      message.type === 'state' ? [`${message.status} ${message.attempt}`] : [],
    );
    expect(states[0]).to.equal('running 1');
    expect(states.at(-1)).to.equal('completed 2');
  });

  it('keeps the steps of images apart that are built side by side', async () => {
    await using server = await startLive();
    const step = { number: 1, total: 2, instruction: 'FROM scratch', cached: false, startedAt: 5 };
    const both = [
      { ...step, image: 'app' },
      { ...step, image: 'worker' },
    ];
    server.steps.push(...both);
    const reader = await openSocket(server);
    await waitFor('both steps came', () => reader.messages.length === 3);
    expect(
      reader.messages.flatMap((message) => (message.type === 'step' ? [message.step] : [])),
    ).to.deep.equal(both);
  });

  it('waits for a log that is not begun yet, and is told of lines that were left out', async () => {
    await using server = await startLive({}, { maxBytes: () => 4000, ring: { lines: 1, bytes: 1 } });
    const reader = await openSocket(server, '?from=1');
    await writeLines(server.place.logs, ['first']);
    await waitFor('the first line came', () => reader.lines().length === 1);
    await writeLines(server.place.logs, numbered(2000, 2));
    server.change(completed);
    const late = await openSocket(server, '?from=1');
    await waitFor('both ends came', () => reader.ended() && late.ended());
    let next = 1;
    for (const message of late.messages) {
      if (message.type === 'gap') next = message.last + 1;
      if (message.type !== 'lines') continue;
      expect(message.first).to.equal(next);
      next += message.blocks.reduce((sum, [, , text]) => sum + text.split('\n').length - 1, 0);
    }
    expect(next).to.equal(2002);
    expect(late.messages.some((message) => message.type === 'gap')).to.equal(true);
  });

  it('is never sent more than it can take, gets everything later, and holds up nobody', async () => {
    await using server = await startLive({ maxBuffered: 200_000 }, { ring: { lines: 500, bytes: 100_000 } });
    const slow = await openSocket(server, '?from=1');
    const quick = await openSocket(server, '?from=1');
    slow.websocket.pause();
    const writer = await server.place.logs.write(runId);
    const [slowSide] = server.sockets;
    let most = 0;
    for (let block = 0; block < 600; block++) {
      writer.append('stdout', asText(Array.from({ length: 200 }, () => 'x'.repeat(99))));
      if (block % 10 === 0) await writer.flush();
      most = Math.max(most, slowSide?.writableLength ?? 0);
    }
    await writer.end();
    await waitFor('the quick one has all', () => quick.lines().length === 120_000);
    expect(slow.lines().length).to.be.lessThan(120_000);
    expect(most)
      .to.be.greaterThan(200_000)
      .and.lessThan(200_000 + 600_000);
    slow.websocket.resume();
    server.change(completed);
    await waitFor('the slow one has all', () => slow.ended(), 20_000);
    expect(slow.lines().length).to.equal(120_000);
  });

  it('goes on exactly where it broke off when it comes again with ?from=', async () => {
    await using server = await startLive({}, { ring: { lines: 50, bytes: 5000 } });
    const writer = await server.place.logs.write(runId);
    const got: string[] = [];
    let written = 0;
    for (let round = 0; round < 12; round++) {
      const reader = await openSocket(server, `?from=${got.length + 1}`);
      for (let block = 0; block < 5; block++) {
        writer.append('stdout', asText(numbered(30, written + 1)));
        written += 30;
        await waitFor('some came', () => reader.lines().length > 0);
      }
      reader.websocket.terminate();
      got.push(...reader.lines());
    }
    await writer.end();
    server.change(completed);
    const last = await openSocket(server, `?from=${got.length + 1}`);
    await waitFor('the end came', () => last.ended());
    expect([...got, ...last.lines()]).to.deep.equal(numbered(written));
  });

  it('costs the store one look, however many read', async () => {
    await using server = await startLive();
    const readers = await Promise.all(Array.from({ length: 10 }, () => openSocket(server)));
    await waitFor('all are told', () => readers.every((reader) => reader.messages.length > 0));
    expect(server.lookups()).to.equal(1);
  });
});

describe('the door for websockets', () => {
  it('refuses what is not there, not valid, archived or too much, in words', async () => {
    await using server = await startLive({ maxReaders: 1 });
    await openSocket(server);
    expect(await refusal(server, `/jobs/${runId}/tail`)).to.include({ status: 503 });
    const free = await startLive();
    await using _ = free;
    const cases: [string, number, RegExp][] = [
      [`/jobs/${runId.replace('a', 'b')}/tail`, 404, /no job/],
      ['/jobs/../../etc/tail', 404, /no websocket|no job/],
      [`/jobs/${runId}`, 404, /no websocket/],
      [`/jobs/${runId}/tail?n=abc`, 400, /abc is not a valid number/],
      [`/jobs/${runId}/tail?n=0`, 412, /n must be positive/],
      [`/jobs/${runId}/tail?from=-3`, 412, /from must be positive/],
    ];
    for (const [path, status, words] of cases) {
      const answer = await refusal(free, path);
      expect(answer.status, path).to.equal(status);
      expect(answer.body).to.match(words);
    }
    free.change({ ...completed, archivedAt: 3 });
    const answer = await refusal(free, `/jobs/${runId}/tail`);
    expect(answer).to.include({ status: 412 });
    expect(JSON.parse(answer.body)).to.deep.equal({
      error: 'job is archived, no log file available',
      message: 'job is archived, no log file available',
      code: 'archived',
    });
  });

  it('asks who comes before anything else', async () => {
    const problems = [new Problem('unauthorized', 'log in'), new Problem('cross_site', 'not from there')];
    await using server = await startLive({}, {}, async () => {
      throw problems.shift() ?? new Error('too many');
    });
    const answer = await refusal(server, '/jobs/unknown/tail');
    expect(answer).to.include({ status: 401 });
    expect(answer.headers['www-authenticate']).to.match(/Basic/);
    expect(await refusal(server, '/jobs/unknown/tail')).to.include({ status: 403 });
    expect(server.lookups()).to.equal(0);
  });

  it('pings, keeps those who answer and drops those who do not', async () => {
    await using server = await startLive({ pingMs: 40 });
    const alive = await openSocket(server);
    let pings = 0;
    alive.websocket.on('ping', () => pings++);
    const dead = await silentPeer(server);
    await waitFor('the dead one is dropped', () => dead.closed);
    await waitFor('the living one was pinged often', () => pings >= 4);
    expect(alive.websocket.readyState).to.equal(alive.websocket.OPEN);
  });

  it('says good-bye when the server stops, also to those who do not listen', async () => {
    const server = await startLive();
    await using _ = server;
    const reader: SocketReader = await openSocket(server);
    const dead = await silentPeer(server);
    await server.live.close();
    await waitFor('both are closed', () => reader.code() !== undefined && dead.closed);
    expect(reader.code()).to.equal(1001);
  });
});

/** A peer that opens a websocket and then answers nothing. */
async function silentPeer({ port }: LiveServer): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.write(
    [
      `GET /jobs/${runId}/tail HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString()).to.match(/^HTTP\/1.1 101 /);
  return socket;
}
