import { expect } from 'chai';
import { removeContainers } from '../../../builder/runContainer.ts';
import { asRecord } from '../../../builder/steps/engine/answers.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { containerName } from '../../../builder/steps/engine/labels.ts';
import { sweep } from '../../../builder/steps/engine/sweep.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { newMark, sharedBed } from '../engine/builds.ts';
import { runOne } from './runs.ts';

describe('A container', () => {
  let engine: Engine;
  let test: TestEngine;
  before(async () => ({ engine, test } = await sharedBed()));

  const phases = (events: { type: string }[]) =>
    events.map((event) => ('phase' in event ? `${event.type} ${String(event.phase)}` : ''));

  it('runs its command, tells its phases and gives the id of its image', async () => {
    const { result, log, events } = await runOne(engine, { script: 'echo out; echo err >&2; printf end' });
    expect(result?.imageId).to.match(/^sha256:[0-9a-f]{64}$/);
    expect(result).to.not.have.property('output');
    expect(log.text('stdout')).to.equal('out\nend\n');
    expect(log.text('stderr')).to.equal('err\n');
    expect(phases(events)).to.deep.equal([
      'phase:start clone',
      'phase:end clone',
      'phase:start build',
      'phase:end build',
    ]);
  });

  it('keeps the order of its streams, and whole lines of each', async () => {
    const script = 'printf one-; echo two >&2; sleep 0.1; echo three; sleep 0.1; echo four >&2';
    const { log } = await runOne(engine, { script });
    expect(log.blocks).to.deep.equal([
      { stream: 'stderr', text: 'two\n' },
      { stream: 'stdout', text: 'one-three\n' },
      { stream: 'stderr', text: 'four\n' },
    ]);
  });

  it('loses no byte of much output on both streams', async () => {
    const script = 'seq 60000 & seq 60000 >&2; wait';
    const { log } = await runOne(engine, { script });
    const expected = Array.from({ length: 60_000 }, (_, i) => `${i + 1}\n`).join('');
    expect(log.text('stdout') === expected, 'stdout').to.equal(true);
    expect(log.text('stderr') === expected, 'stderr').to.equal(true);
  });

  it('fails with the exit code of its command', async () => {
    const { fault, events } = await runOne(engine, { script: 'exit 7' });
    expect(fault).to.include({ reason: 'command_failed', exitCode: 7, phase: 'build', retryable: false });
    expect(events.at(-1)).to.include({ type: 'phase:end', phase: 'build', exitCode: 7 });
  });

  it('says what 126 and 127 mean', async () => {
    const missing = await runOne(engine, { command: ['no-such-command'] });
    expect(missing.fault).to.include({ reason: 'command_failed', exitCode: 127 });
    expect(missing.fault?.message).to.contain('was not found');
    const folder = await runOne(engine, { command: ['/etc'] });
    expect(folder.fault).to.include({ reason: 'command_failed', exitCode: 126 });
    expect(folder.fault?.message).to.contain('cannot be executed');
  });

  it('is told from a killed one where it passes its memory limit', async () => {
    const script = 'a=x; while true; do a=$a$a; done';
    const { fault } = await runOne(engine, { script, limits: { memoryBytes: 16_000_000, pids: 64 } });
    expect(fault).to.include({ reason: 'out_of_memory', exitCode: 137 });
  });

  it('has the limits and the safe defaults that it was given', async () => {
    let host: Record<string, unknown> = {};
    const before = async ({ attempt }: { attempt: string }) => {
      const path = `/containers/${containerName({ attempt })}/json`;
      host = asRecord(asRecord(await engine.call({ method: 'GET', path }))['HostConfig']);
    };
    const { log, result } = await runOne(engine, {
      script: 'grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status; id -u',
      limits: { memoryBytes: 64_000_000, cpus: 0.5, pids: 20 },
      before,
    });
    expect(result).to.not.equal(undefined);
    expect(log.text('stdout').replaceAll('\t', ' ')).to.equal(
      'CapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\n0\n',
    );
    expect(host).to.include({
      Memory: 64_000_000,
      MemorySwap: 64_000_000,
      NanoCpus: 500_000_000,
      PidsLimit: 20,
      Privileged: false,
      Init: true,
      IpcMode: 'private',
      PidMode: '',
    });
    expect(host['Binds'] ?? []).to.deep.equal([]);
    expect(host['Devices'] ?? []).to.deep.equal([]);
    expect(host['LogConfig']).to.deep.include({ Type: 'local' });
  });

  it('has a user, a folder, variables, secrets and an entrypoint', async () => {
    const { log } = await runOne(engine, {
      entrypoint: ['sh', '-c', 'id -u; pwd; echo "$A|$B|$0"'],
      command: ['zero'],
      user: '1234',
      workingDir: '/some/where',
      env: { A: 'a=b c', B: 'secret:token' },
      secrets: { token: 'hidden' },
    });
    expect(log.text('stdout')).to.equal('1234\n/some/where\na=b c|hidden|zero\n');
  });

  it('is refused a secret that there is none of', async () => {
    const { fault } = await runOne(engine, { script: 'true', env: { A: 'secret:none' } });
    expect(fault).to.include({ reason: 'secret_refused' });
  });

  it('can be read-only, with folders in memory that its user may write and run programs in', async () => {
    const script = `touch /x; cp /bin/busybox /tmp/echo && /tmp/echo ran; df -k /fast | tail -1 | awk '{print $2}'`;
    const { log, result } = await runOne(engine, {
      script,
      readOnly: true,
      user: '1000:1000',
      tmpfs: { '/tmp': 0, '/fast': 4 * 1024 * 1024 },
    });
    expect(result).to.not.equal(undefined);
    expect(log.text('stdout')).to.equal('ran\n4096\n');
    expect(log.text('stderr')).to.contain('Read-only file system');
  });

  it('can have no network, and is refused those of the host and of others', async () => {
    const none = await runOne(engine, { script: 'ls /sys/class/net', network: 'none' });
    expect(none.log.text('stdout')).to.equal('lo\n');
    const refused = ['host', 'container:x', 'HOST', 'no-such-network'].map(async (network) => {
      const { fault } = await runOne(engine, { script: 'true', network });
      expect(fault, network).to.include({ reason: 'container_invalid', retryable: false });
    });
    await Promise.all(refused);
  });

  it('is refused with what the engine says of it', async () => {
    const user = await runOne(engine, { script: 'true', user: 'nobody-here' });
    expect(user.fault).to.include({ reason: 'container_invalid' });
    const memory = await runOne(engine, { script: 'true', limits: { memoryBytes: 1000, pids: 10 } });
    expect(memory.fault).to.include({ reason: 'container_invalid', phase: 'clone' });
    expect(memory.fault?.message).to.match(/minimum memory limit/i);
  });

  it('is removed with its volumes, however often, and by a sweep as well', async () => {
    const volumes = await test.docker('volume', 'ls', '-q');
    const message = { name: 'M', text: 'x', way: 'file' } as const;
    const { mark } = await runOne(engine, { script: 'true', message, keep: true });
    expect(await test.docker('volume', 'ls', '-q')).to.not.equal(volumes);
    await removeContainers(engine, mark);
    await removeContainers(engine, mark);
    expect(await test.docker('volume', 'ls', '-q')).to.equal(volumes);
    const other = await runOne(engine, { script: 'true', message, keep: true });
    expect((await sweep(engine, other.mark, { images: false })).containers).to.have.length(1);
    expect(await test.docker('volume', 'ls', '-q')).to.equal(volumes);
  });

  it('is left alone where it only has the name of one of ours', async () => {
    const mark = newMark();
    const name = containerName(mark);
    await test.docker('run', '--name', name, 'busybox', 'true');
    await removeContainers(engine, mark);
    expect(await test.docker('ps', '-aq', '--filter', `name=${name}`)).to.not.equal('');
    await test.docker('rm', name);
  });
});
