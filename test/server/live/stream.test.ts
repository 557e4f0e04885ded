import { expect } from 'chai';
import { asText, numbered, runId, writeLines } from '../logs/logFixture.ts';
import { openStream, startLive } from './liveFixture.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const completed = { state: 'completed', phase: null, completedAt: 2 } as const;
const stream = `/jobs/${runId}/stream`;

describe('an event stream of a run', () => {
  it('carries the same messages, with the last line as id, and ends after the end', async () => {
    await using server = await startLive();
    const reader = await openStream(server, `${stream}?from=1`);
    expect(reader.response.headers).to.include({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    await writeLines(server.place.logs, [...numbered(3), 'ünï\u2028cödé "q"']);
    server.change(completed);
    await waitFor('the stream ended', () => reader.isClosed());
    expect(reader.lines()).to.deep.equal([...numbered(3), 'ünï\u2028cödé "q"']);
    expect(reader.events.map(({ type }) => type)).to.deep.equal(reader.messages.map(({ type }) => type));
    expect(reader.ids.at(-1)).to.equal('4');
    expect(reader.messages.at(-1)).to.deep.equal({
      type: 'end',
      status: 'completed',
      reason: null,
      error: null,
      lines: 4,
    });
  });

  it('goes on after Last-Event-ID, whatever the address says', async () => {
    await using server = await startLive();
    const all = numbered(150);
    await writeLines(server.place.logs, all);
    server.change(completed);
    const cases: [string, Record<string, string>, string[]][] = [
      ['', {}, all.slice(-100)],
      ['?from=1', { 'Last-Event-ID': '148' }, all.slice(-2)],
      ['?from=149', { 'Last-Event-ID': 'x' }, all.slice(-2)],
      ['?from=1', { 'Last-Event-ID': '0' }, all],
      ['?n=3', {}, all.slice(-3)],
    ];
    for (const [query, headers, expected] of cases) {
      const reader = await openStream(server, stream + query, headers);
      await waitFor('the stream ended', () => reader.isClosed());
      expect(reader.lines(), query).to.deep.equal(expected);
    }
  });

  it('keeps the connection alive with comments', async () => {
    await using server = await startLive({ keepaliveMs: 20 });
    const reader = await openStream(server);
    await waitFor('three comments came', () => reader.raw().split(': keepalive\n\n').length > 3);
    reader.cut();
  });

  it('gives a reader that paused all lines, and cuts off one that takes nothing at all', async () => {
    await using server = await startLive({ maxBuffered: 100_000 }, { ring: { lines: 10, bytes: 1000 } });
    const reader = await openStream(server, `${stream}?from=1`);
    reader.response.pause();
    const big = asText(Array.from({ length: 1000 }, () => 'x'.repeat(99)));
    const writer = await server.place.logs.write(runId);
    for (let block = 0; block < 120; block++) {
      writer.append('stdout', big);
      await writer.congested;
    }
    await writer.end();
    server.change(completed);
    reader.response.resume();
    await waitFor('the stream ended', () => reader.isClosed(), 20_000);
    expect(reader.lines().length).to.equal(120_000);
    await using impatient = await startLive({ maxBuffered: 100_000, keepaliveMs: 50 });
    await writeLines(
      impatient.place.logs,
      Array.from({ length: 200_000 }, () => 'x'.repeat(99)),
      1000,
    );
    const stuck = await openStream(impatient, `${stream}?from=1`);
    stuck.response.pause();
    await waitFor(
      'the server dropped it',
      () => impatient.sockets.every((socket) => socket.destroyed),
      20_000,
    );
    stuck.cut();
  });

  it('refuses what is not there, archived or not valid before it answers anything', async () => {
    await using server = await startLive();
    expect((await openStream(server, '/jobs/nobody/stream')).response.statusCode).to.equal(404);
    expect((await openStream(server, `${stream}?n=x`)).response.statusCode).to.equal(400);
    server.change({ ...completed, archivedAt: 4 });
    expect((await openStream(server, stream)).response.statusCode).to.equal(412);
  });

  it('ends when the server stops', async () => {
    await using server = await startLive();
    const reader = await openStream(server);
    const all = await openStream(server, '/events');
    await server.live.close();
    await waitFor('both ended', () => reader.isClosed() && all.isClosed());
  });
});

describe('the event stream of all runs', () => {
  it('tells a run that changes often once in a while, with its newest state', async () => {
    await using server = await startLive({ coalesceMs: 60 });
    const readers = [await openStream(server, '/events'), await openStream(server, '/events')];
    for (const phase of ['clone', 'build', 'push'] as const) server.change({ phase });
    server.change(completed);
    await waitFor('both are told', () => readers.every((reader) => reader.events.length > 0));
    server.change({ archivedAt: 9 });
    await waitFor('both are told again', () => readers.every((reader) => reader.events.length > 1));
    for (const reader of readers)
      expect(reader.events).to.deep.equal(
        Array.from({ length: 2 }, () => ({ type: 'run', data: { id: runId, status: 'completed' } })),
      );
  });

  it('cuts off a client that does not keep up, and goes on for the others', async () => {
    await using server = await startLive({ coalesceMs: 1 });
    const slow = await openStream(server, '/events');
    slow.response.pause();
    const quick = await openStream(server, '/events');
    const sides = [...server.sockets];
    const round = async (): Promise<boolean> => {
      for (let at = 0; at < 500; at++)
        server.events.runChanged({ ...server.run(), id: `${at}-${'x'.repeat(200)}` });
      await new Promise((resolve) => setTimeout(resolve, 1));
      return sides[0]?.destroyed === true;
    };
    await waitFor('the slow one is cut off', round, 20_000);
    expect(sides[1]?.destroyed).to.equal(false);
    const before = quick.events.length;
    server.change(completed);
    await waitFor('the quick one hears on', () => quick.events.length > before);
    quick.cut();
  });
});
