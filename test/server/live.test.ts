import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { type Gate, openGate } from '../fixtures/gate.ts';
import { type JobView, postJob, untilEnded, untilStatus } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World, worldEnv } from '../fixtures/world.ts';
import { openSocket, openStream, refusal, type Transcript } from './live/liveFixture.ts';

const all = '?from=1';

describe('the live log of a real build', () => {
  let world: World;
  let gate: Gate;
  before(async () => {
    world = await openWorld();
    gate = await openGate(world.engine);
  });
  after(async () => {
    await gate.close();
    await world.close();
  });

  async function start(repo: string, script: string): Promise<string> {
    await createRepository(world.git, `acme/${repo}`, { Dockerfile: `FROM busybox\nRUN ${script}\n` });
    return (await postJob(world.server, { account: 'acme', repo, ref: 'main' })).id;
  }

  async function logOf(id: string): Promise<string[]> {
    return (await (await world.server.request(`/jobs/${id}/log`)).text()).split('\n').slice(0, -1);
  }

  const endsOf = ({ messages }: Transcript) => messages.filter(({ type }) => type === 'end');
  const ended = (reader: Transcript) => waitFor('the end message', () => reader.ended());
  const sees = (reader: Transcript, line: string) =>
    waitFor(`the line ${line}`, () => reader.lines().includes(line));

  it('comes line by line while the build runs', async () => {
    const id = await start(
      'steady',
      `for i in $(seq 1 12); do echo "line $i"; ${gate.pass('steady-$i')}; done`,
    );
    const readers = [
      await openSocket(world.server, all, id),
      await openStream(world.server, `/jobs/${id}/stream${all}`),
    ];
    for (let line = 1; line <= 12; line++) {
      // The next line is not printed before everybody has this one.
      for (const reader of readers) await sees(reader, `line ${line}`);
      expect(gate.reached(`steady-${line + 1}`)).to.equal(false);
      gate.open(`steady-${line}`);
    }
    for (const reader of readers) await ended(reader);
    for (const reader of readers) expect(reader.lines()).to.deep.equal(await logOf(id));
  });

  it('is whole and in order for whoever comes late, comes again or reads slowly', async () => {
    const id = await start('readers', `seq 1 3000; ${gate.pass('half')}; seq 3001 6000`);
    const early = await openSocket(world.server, all, id);
    const slow = await openSocket(world.server, all, id);
    slow.websocket.pause();
    await sees(early, '3000');
    const late = await openSocket(world.server, all, id);
    const first = await openSocket(world.server, '?from=2000', id);
    await waitFor('some lines', () => first.lines().length >= 100);
    first.websocket.terminate();
    const again = await openSocket(world.server, `?from=${2000 + first.lines().length}`, id);
    const newest = await openSocket(world.server, '?n=5', id);
    gate.open('half');
    for (const reader of [early, late, again, newest]) await ended(reader);
    const whole = await logOf(id);
    expect(slow.ended()).to.equal(false);
    slow.websocket.resume();
    await ended(slow);
    for (const reader of [early, late, slow]) expect(reader.lines()).to.deep.equal(whole);
    expect([...first.lines(), ...again.lines()]).to.deep.equal(whole.slice(1999));
    expect(newest.lines()).to.deep.equal(whole.slice(whole.indexOf('2996')));
    for (const line of ['1', '3000', '3001', '6000']) expect(whole).to.include(line);
  });

  it('goes on behind Last-Event-ID', async () => {
    const id = await start('events', `seq 1 1000; ${gate.pass('events')}; seq 1001 2000`);
    const path = `/jobs/${id}/stream`;
    const before = await openStream(world.server, path + all);
    await sees(before, '1000');
    before.cut();
    // The browser's header counts, not the query that it repeats with it.
    const after = await openStream(world.server, path + all, { 'Last-Event-ID': before.ids.at(-1) ?? '' });
    gate.open('events');
    await ended(after);
    expect([...before.lines(), ...after.lines()]).to.deep.equal(await logOf(id));
    expect(after.response.headers).to.include({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
  });

  it('tells states, steps and the outcome, which comes last', async () => {
    const id = await start('outcome', `${gate.pass('outcome')}; echo "the last words"; exit 3`);
    const socket = await openSocket(world.server, all, id);
    const stream = await openStream(world.server, `/jobs/${id}/stream${all}`);
    const stepsOf = ({ messages }: Transcript) =>
      messages.flatMap((one) => (one.type === 'step' ? [one.step] : []));
    // Both are told of the step while it is at work.
    for (const reader of [socket, stream])
      await waitFor('step 2', () =>
        stepsOf(reader).some(({ number, durationMs }) => number === 2 && durationMs === undefined),
      );
    gate.open('outcome');
    const job = await untilEnded(world.server, id);
    for (const reader of [socket, stream]) {
      await ended(reader);
      const states = reader.messages.flatMap((one) => (one.type === 'state' ? [one.status] : []));
      expect(
        ['created', 'cloning', 'building', 'errored'].filter((status) => states.includes(status)),
      ).to.deep.equal([...new Set(states)]);
      expect(states).to.include('building');
      expect(states.at(-1)).to.equal('errored');
      const last = stepsOf(reader).at(-1);
      expect(last).to.include({ number: 2, total: 2 });
      const lines = await logOf(id);
      expect(endsOf(reader)).to.deep.equal([
        {
          type: 'end',
          status: 'errored',
          reason: 'build_step_failed',
          error: job.error,
          lines: lines.length,
        },
      ]);
      expect(reader.messages.at(-1)?.type).to.equal('end');
      expect(reader.lines()).to.deep.equal(lines);
    }
    await waitFor('the normal close', () => socket.code() === 1000 && stream.isClosed());
  });

  it('is not held up by one who does not read', async () => {
    const filler = 'x'.repeat(120);
    const print = `printf "%06d ${filler}\\n", i`;
    const id = await start('flood', `awk 'BEGIN { for (i = 1; i <= 200000; i++) ${print} }'`);
    const stuck = await openSocket(world.server, all, id);
    stuck.websocket.pause();
    const reader = await openSocket(world.server, all, id);
    await ended(reader);
    expect(stuck.ended()).to.equal(false);
    stuck.websocket.resume();
    await ended(stuck);
    const whole = await logOf(id);
    for (const lines of [reader.lines(), stuck.lines()]) {
      expect(lines).to.have.length(whole.length);
      expect(lines.findIndex((line, index) => line !== whole[index])).to.equal(-1);
    }
    const numbers = whole.filter((line) => line.endsWith(filler)).map((line) => Number(line.slice(0, 6)));
    expect(numbers).to.have.length(200_000);
    expect(numbers.every((number, index) => number === index + 1)).to.equal(true);
  });

  it('is announced to those who watch all jobs', async () => {
    const watcher = await openStream(world.server, '/events');
    const id = await start('watched', gate.pass('watched'));
    const told = () =>
      watcher.events.flatMap(({ data }) => (isJob(data) && data.id === id ? [data.status] : []));
    await waitFor('its start', () => told().includes('building'));
    gate.open('watched');
    await waitFor('its end', () => told().includes('completed'));
    expect(told().at(-1)).to.equal('completed');
    watcher.cut();
  });
});

describe('an archived job', () => {
  let world: World;
  let server: TestServer;
  before(async () => {
    world = await openWorld();
    server = await startServer({
      env: { ...worldEnv(world.engine, world.git), DOCKER_BUILDER_SLEEPTIME: '1' },
    });
  });
  after(async () => {
    await server.close();
    await world.close();
  });

  it('keeps its record and gives up its log', async () => {
    await createRepository(world.git, 'acme/old', { Dockerfile: 'FROM busybox\nRUN echo forgotten\n' });
    const { id, archived: never } = await postJob(server, { account: 'acme', repo: 'old', ref: 'main' });
    expect(never).to.equal('0001-01-01T00:00:00Z');
    const reader = await openSocket(server, all, id);
    await waitFor('its files', async () => (await logFolders(server.data)).includes(id));
    await waitFor('the end', () => reader.ended());
    expect(reader.lines()).to.include('forgotten');
    const job = await untilStatus(server, id, ['archived']);
    expect(Date.parse(job.archived)).to.be.at.least(Date.parse(job.completed) + 1000);
    expect(job).not.to.have.property('log_route');
    expect(job).to.have.property('image');

    const sentence = 'job is archived, no log file available';
    const tail = await server.request(`/jobs/${id}/tail?n=100`);
    expect([tail.status, await tail.text()]).to.deep.equal([412, sentence]);
    for (const path of ['log', 'lines?from=1&to=5', 'stream'])
      expect((await server.request(`/jobs/${id}/${path}`)).status, path).to.equal(412);
    expect(await refusal(server, `/jobs/${id}/tail`)).to.have.property('status', 412);

    const listed = (await (await server.request('/jobs?status=archived')).json()) as object;
    expect(Object.keys(listed)).to.deep.equal([id]);
    expect(await (await server.request('/jobs?status=completed')).json()).to.deep.equal({});
    await waitFor('the files to be gone', async () => !(await logFolders(server.data)).includes(id));
  });
});

function isJob(data: unknown): data is JobView {
  return typeof data === 'object' && data !== null && 'id' in data && 'status' in data;
}

async function logFolders(data: string): Promise<string[]> {
  const paths = await readdir(join(data, 'logs'), { recursive: true }).catch(() => []);
  return paths.map((path) => basename(path));
}
