import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { Engine } from '../../builder/steps/engine/engine.ts';
import { createContainerFinder } from '../../builder/steps/engine/ourContainers.ts';
import { verdictOn } from '../../server/room/engines/verdict.ts';
import { type RunOrder, runOne } from '../builder/container/runs.ts';
import { connect, contextOf } from '../builder/engine/builds.ts';
import { importBusybox } from '../fixtures/baseImage.ts';
import { sharedEngine, type TestEngine } from '../fixtures/engine.ts';

const foreignMark = {
  store: '01a00000-0000-7000-8000-000000000000',
  attempt: '01a00000-0000-7000-8000-00000000000a',
};

describe('attack: what runs in a container, and who says what', () => {
  let fixture: TestEngine;
  let engine: Engine;
  before(async () => {
    fixture = await sharedEngine();
    await importBusybox(fixture);
    engine = connect(fixture);
  });

  async function build(name: string, ...instructions: string[]): Promise<string> {
    const file = contextOf({ Dockerfile: ['FROM busybox', ...instructions, ''].join('\n') });
    const signal = new AbortController().signal;
    const query = { version: 1, t: name, networkmode: 'none' };
    const said = await text(await engine.open({ method: 'POST', path: '/build', query, file, signal }));
    expect(said).not.to.contain('errorDetail');
    return name;
  }

  async function wordsOf(order: RunOrder): Promise<string[]> {
    const { log, fault } = await runOne(engine, order);
    expect(fault?.message).to.equal(undefined);
    return log.text('stdout').trim().split('\n');
  }

  it('gets no right over the machine, not by its image either', async () => {
    const image = await build(
      'evil/rights',
      'RUN chmod 4755 /bin/busybox',
      'VOLUME ["/var/run", "/sys"]',
      'ENV BARBEQUE_JOB=forged',
      'USER 65534',
    );
    const status = 'grep -hE "^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):" /proc/self/status';
    for (const words of await Promise.all([
      wordsOf({ image, script: status, tmpfs: { '/sys/fs/cgroup': 0, '/dev/shm': 0 } }),
      wordsOf({ user: '0:0', script: status }),
    ])) {
      expect(words.filter((line) => line.startsWith('Cap'))).to.have.length(5);
      for (const line of words) expect(line).to.match(/^(?:Cap\w+:\t0{16}|NoNewPrivs:\t1|Seccomp:\t2)$/);
    }
    expect(
      await wordsOf({
        image,
        script: 'id -u; echo $BARBEQUE_JOB',
        env: { BARBEQUE_JOB: 'ours' },
      }),
    ).to.deep.equal(['65534', 'ours']);
  });

  it('gets nothing of the machine by what root can do elsewhere', async () => {
    const tries = [
      'mount -t tmpfs x /mnt',
      'unshare -r true',
      'mknod /dev/sda b 8 0',
      'chroot / true',
      'echo x > /proc/sys/kernel/hostname',
      'echo b > /proc/sysrq-trigger',
      'dmesg',
      'umount /proc/kcore',
      'test -S /var/run/docker.sock',
      'ls /dev/sda /dev/vda /dev/mem /dev/kmsg',
      'chown 1 /etc/passwd',
    ];
    const script = tries.map((one, index) => `(${one}) >/dev/null 2>&1 && echo ${index}`).join('\n');
    expect(await wordsOf({ user: '0', script: `${script}\necho end` })).to.deep.equal(['end']);
  });

  it('has not the network of the machine or of a neighbour, by whatever it calls it', async () => {
    const list = await fixture.docker('network', 'ls', '--no-trunc', '--format', '{{.Name}} {{.ID}}');
    const id = /^host ([0-9a-f]{64})$/m.exec(list)?.[1] ?? expect.fail();
    const ours = readlinkSync('/proc/self/ns/net');
    const spaces = await Promise.all(
      [id, id.slice(0, 12), id.slice(0, 4)].map(async (network) => {
        const { log, fault } = await runOne(engine, {
          network,
          script: 'readlink /proc/self/ns/net; ls /sys/class/net',
        });
        return fault ? fault.reason : log.text('stdout').trim().split('\n');
      }),
    );
    for (const space of spaces)
      if (space !== 'container_invalid') {
        expect(space[0])
          .to.match(/^net:\[\d+\]$/)
          .and.not.equal(ours);
        expect(space.slice(1)).to.deep.equal(['lo']);
      }
    for (const network of [
      'host',
      'HOST',
      'hOsT',
      'container:x',
      `container:${id}`,
      'ns:/proc/1/ns/net',
      '../x',
      '',
    ])
      expect((await runOne(engine, { network })).fault?.reason, network).to.equal('container_invalid');
  });

  it('uses up no more processes than it may, nor memory', async () => {
    // Whoever has seen all places taken can begin no process, not even one that waits: a pipe that nobody writes to does.
    const bomb = 'mkfifo /pipe; exec 3<>/pipe; sh -c "f() { f | f & }; f"; read -t 1 nothing <&3; echo end';
    const [forks, memory] = await Promise.all([
      runOne(engine, { script: bomb, limits: { pids: 30 } }),
      runOne(engine, {
        script: 'head -c 200000000 /dev/zero | tail',
        limits: { pids: 30, memoryBytes: 16 * 1024 * 1024 },
      }),
    ]);
    expect(forks.log.text('stdout')).to.equal('end\n');
    expect(forks.log.text('stderr')).to.match(/can't fork/);
    expect(memory.fault?.reason).to.equal('out_of_memory');
  });

  it('is whose it is, whatever the labels of its image say', async () => {
    const [store, attempt] = [foreignMark.store, foreignMark.attempt];
    const image = await build(
      'evil/labels',
      `LABEL docker-builder.store=${store} docker-builder.attempt=${attempt} docker-builder.tags=acme/app:1`,
    );
    let shown = '';
    const { fault } = await runOne(engine, {
      image,
      script: 'true',
      before: async ({ attempt: own }) => {
        const name = `docker-builder-${own}`;
        shown = await fixture.docker('inspect', '--format', '{{json .Config.Labels}}', name);
      },
    });
    expect(fault).to.equal(undefined);
    expect(shown).not.to.contain(store).and.not.to.contain(attempt);
    // Nobody takes over, and nobody removes, what a neighbour runs of it.
    const neighbour = await fixture.docker('run', '--detach', '--network=none', image, 'sleep', '60');
    try {
      const found = await runOne(engine, { image, script: 'true', takeOver: true, mark: foreignMark });
      expect([found.result, found.fault]).to.deep.equal([undefined, undefined]);
      expect(await createContainerFinder(engine, store)()).to.deep.equal([]);
      expect(await fixture.docker('inspect', '--format', '{{.State.Running}}', neighbour)).to.equal('true');
    } finally {
      await fixture.docker('rm', '--force', neighbour);
    }
  });

  it('takes no engine away from others by what cannot be started', async () => {
    const [proc, device, loop] = [
      await build('evil/proc', 'VOLUME /proc'),
      await build('evil/device', 'RUN ln -s /proc /p', 'VOLUME ["/p/self", "/dev/null"]'),
      await build(
        'evil/loop',
        'RUN rm -rf /etc/passwd && mkdir /etc/passwd && ln -s /loop /loop',
        'USER bob',
      ),
    ];
    const full = 'no space left on device';
    const orders: RunOrder[] = [
      { image: proc },
      { image: device },
      { image: loop },
      { image: loop, user: '0', workingDir: `/loop/${full}` },
      { workingDir: '/etc/passwd' },
      { workingDir: `/etc/passwd/${full}` },
      { workingDir: `/${'a'.repeat(300)}` },
      { workingDir: '/sys/x' },
      { tmpfs: { '/dev/null': 0 } },
      { tmpfs: { '/proc': 0 } },
      { tmpfs: { '/sbin': 0 } },
      { tmpfs: { [`/etc/passwd/${full}`]: 0 } },
      { tmpfs: { [`/${'a'.repeat(300)}`]: 0 } },
      { entrypoint: [full] },
    ];
    for (let from = 0; from < orders.length; from += 5)
      await Promise.all(
        orders.slice(from, from + 5).map(async (order) => {
          const { fault } = await runOne(engine, { script: 'ls', ...order });
          const said = `${JSON.stringify(order)}: ${fault?.message}`;
          expect(fault?.reason, said).to.be.oneOf([undefined, 'container_invalid', 'command_failed']);
          if (fault) expect(verdictOn({ kind: 'fault', fault, leftover: false }), said).to.equal('unknown');
        }),
      );
  });

  it('gets a short sentence for whatever its registry says, and soon', async () => {
    // Whoever looks for a word behind each of these reads all of it as often.
    const message = `${'unauthorized '.repeat(150_000)}access ${'exec: '.repeat(150_000)}`;
    const registry = createServer((request, response) => {
      response.statusCode = request.url === '/v2/' ? 200 : 400;
      response
        .setHeader('Content-Type', 'application/json')
        .end(JSON.stringify({ errors: [{ code: 'X', message }] }));
    });
    await once(registry.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = registry.address() as AddressInfo;
      const { fault, log } = await runOne(engine, { image: `127.0.0.1:${port}/acme/x:1` });
      expect(fault?.message).to.match(/could not be pulled: .*unauthorized .* … \[cut: \d+ bytes\]/s);
      expect(`${fault?.message}${log.text()}`.length).to.be.lessThan(40_000);
      expect(fault && verdictOn({ kind: 'fault', fault, leftover: false })).to.equal('unknown');
    } finally {
      registry.close();
      registry.closeAllConnections();
    }
  });
});
