import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ShownEngine } from '../../../server/doors/engines/schemas.ts';
import type { ServerState } from '../../../server/room/serverState.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { getJob, postJob, tailOf, untilEnded } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { type SshServer, startSshServer } from '../../fixtures/sshServer.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openWorld, type World } from '../../fixtures/world.ts';

const memory = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null';

describe('a server with two engines, one of them by ssh', () => {
  let data: string;
  let near: TestEngine;
  let far: TestEngine;
  let ssh: SshServer;
  let gate: Gate;
  let world: World;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'dbs-'));
    [near, far] = await Promise.all([startEngine(), startEngine()]);
    await importBusybox(far);
    ssh = await startSshServer({ dockerHost: far.host });
    gate = await openGate(near);
    const settings = {
      engines: [
        { name: 'near', address: near.host, slots: 1, labels: { rack: 'b7' } },
        { name: 'far', address: 'ssh://127.0.0.1', slots: 1, memoryBytes: 64 * 1024 * 1024, network: 'none' },
      ],
      limits: { buildMemoryBytes: 128 * 1024 * 1024 },
    };
    world = await openWorld({
      engine: near,
      data,
      settings,
      env: { PATH: `${ssh.bin}:${process.env['PATH']}` },
    });
    const repository = (name: string, run: string) =>
      createRepository(
        world.git,
        `acme/${name}`,
        { Dockerfile: `FROM busybox\nRUN ${run}\n` },
        { branch: 'main' },
      );
    await repository('limits', `${memory}; ls /sys/class/net | sed 's/^/net /'`);
    await repository('held', `echo begun; ${gate.pass('held')}`);
    await repository('slow', 'echo begun; sleep 100');
    await waitFor('both engines', async () => (await engines()).every(({ state }) => state === 'ok'));
  });
  after(async () => {
    await world?.close();
    await gate?.close();
    await ssh?.close();
    await Promise.all([near?.close(), far?.close()]);
    await rm(data, { recursive: true, force: true });
  });

  const json = async <T>(path: string, method = 'GET'): Promise<T> =>
    (await (await world.server.request(path, { method })).json()) as T;
  const engines = () => json<ShownEngine[]>('/engines');
  const tell = (name: string, verb: string) => json<ShownEngine>(`/engines/${name}/${verb}`, 'POST');
  const tellServer = (verb: string) => json<ServerState>(`/server/${verb}`, 'POST');
  const order = (repo: string) => postJob(world.server, { account: 'acme', repo, ref: 'main' });
  const tail = (id: string) => tailOf(world.server, id);
  const untilBegun = (id: string) => waitFor(`the RUN of ${id}`, async () => /^begun$/m.test(await tail(id)));

  it('gives the builds of each what its settings say, and takes none to one that is paused', async () => {
    expect((await tell('near', 'pause')).state).to.equal('paused');
    const onFar = await order('limits');
    expect(await untilEnded(world.server, onFar.id)).to.include({ status: 'completed' });
    expect(await tail(onFar.id))
      .to.match(/ on engine far$/m)
      .and.match(/^67108864$/m)
      .and.match(/^net lo$/m)
      .and.not.match(/^net eth/m);
    await Promise.all([tell('near', 'resume'), tell('far', 'pause')]);
    const onNear = await order('limits');
    expect(await untilEnded(world.server, onNear.id)).to.include({ status: 'completed' });
    expect(await tail(onNear.id))
      .to.match(/ on engine near$/m)
      .and.match(/^134217728$/m)
      .and.match(/^net eth0$/m);
    await tell('far', 'resume');
  });

  it('does with another engine what one died over', async () => {
    await tell('near', 'pause');
    const { id } = await order('slow');
    await untilBegun(id);
    await tell('near', 'resume');
    await far.kill();
    await waitFor('the second attempt', async () => /attempt 2 of .* on engine near$/m.test(await tail(id)));
    const attempts = await json<{ state: string; reason: string }[]>(`/jobs/${id}/attempts`);
    expect(attempts[0]).to.include({ state: 'failed', reason: 'engine_lost' });
    const [, dead] = await engines();
    expect(dead).to.include({ name: 'far', state: 'unreachable' });
    expect(dead?.problem).to.match(/ssh: /);
    await json(`/jobs/${id}`, 'DELETE');
    await untilEnded(world.server, id);
    await far.restart();
    await waitFor('the engine to answer again', async () => (await engines())[1]?.state === 'ok');
    expect(await far.docker('ps', '--all', '--quiet')).to.equal('');
  });

  it('drains: what runs ends, what comes waits, also over a restart', async () => {
    await tell('far', 'drain');
    const running = await order('held');
    await untilBegun(running.id);
    expect(await tellServer('drain')).to.deep.equal({ state: 'draining', busy: 1, waiting: 0, idle: false });
    const waiting = await order('limits');
    const idle = json<ServerState>('/server?wait=60');
    gate.open('held');
    expect(await idle).to.deep.equal({ state: 'draining', busy: 0, waiting: 1, idle: true });
    expect(await getJob(world.server, running.id)).to.include({ status: 'completed' });
    await world.server.restart();
    await waitFor('the engines to be asked', async () =>
      (await engines()).every(({ last_contact_at }) => last_contact_at !== undefined),
    );
    expect((await engines()).map(({ name, wish }) => `${name} ${wish}`)).to.deep.equal([
      'near on',
      'far draining',
    ]);
    expect(await json('/server')).to.include({ state: 'draining', busy: 0, waiting: 1 });
    expect(world.server.output()).to.include('nothing is started until POST /server/resume');
    await tellServer('resume');
    expect(await untilEnded(world.server, waiting.id)).to.include({ status: 'completed' });
    expect(await tail(waiting.id)).to.match(/ on engine near$/m);
  });
});
