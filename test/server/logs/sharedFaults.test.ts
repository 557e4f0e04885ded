import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logs } from '../../../server/room/logs/logs.ts';
import { openSharedLogs, type SharedLogsOptions } from '../../../server/room/logs/shared/logs.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { startPostgres, type TestPostgres } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';
import { asText, numbered, textOf } from './logFixture.ts';
import { followed, sharedOf } from './sharedFixture.ts';

const program = join(import.meta.dirname, 'sharedChild.ts');
const killings = 2;

describe('logs whose database has faults', () => {
  let cluster: TestPostgres;
  let proxy: CuttingProxy;
  let stores: Store[];
  let opened: Logs[];
  let children: ChildProcess[];

  before(async () => {
    cluster = await startPostgres({ durable: 'stop' });
    proxy = await startCuttingProxy(`${cluster.folder}/.s.PGSQL.5432`);
  });
  beforeEach(() => ([stores, opened, children] = [[], [], []]));
  afterEach(async () => {
    if (isStopped) await start();
    for (const child of children) child.kill('SIGKILL');
    proxy.thaw();
    await Promise.all(opened.map((logs) => logs.close()));
    await Promise.all(stores.map((store) => store.close()));
  });
  after(async () => {
    await proxy?.close();
    await cluster?.close();
  });

  async function open(options: Partial<SharedLogsOptions> = {}, url = cluster.url): Promise<Logs> {
    const store = await openPostgresStore(url);
    stores.push(store);
    const logs = openSharedLogs({ ...sharedOf(store), delayMs: 1, pollMs: 50, closeMs: 500, ...options });
    opened.push(logs);
    return logs;
  }

  let isStopped = false;
  const stop = () => {
    isStopped = true;
    cluster.stop();
  };
  const start = async () => {
    await cluster.start();
    isStopped = false;
  };

  const openThroughProxy = (options?: Partial<SharedLogsOptions>) =>
    open(options, `postgres://postgres@127.0.0.1:${proxy.port}/postgres?sslmode=disable`);

  const whole = async (logs: Logs, runId: string) => textOf(await logs.range(runId, 1, Infinity));

  it('lose no line and have none twice where connections are cut and commits are not answered', async () => {
    const [writing, reading, runId] = [await openThroughProxy({ chunkBytes: 1000 }), await open(), uuid7()];
    const reader = followed(reading, runId);
    const writer = await writing.write(runId);
    for (let round = 0; round < 40; round++) {
      if (round % 3 === 0) proxy.swallowAnswersTo('COMMIT', 'close');
      if (round % 5 === 0) proxy.cut();
      writer.append('stdout', asText(numbered(7, writer.lastLine + 1)));
      if (round % 4 === 0) await writer.flush();
      else await pause(1);
    }
    await writer.end();
    expect(writer.fault).to.equal(undefined);
    expect(await reader.until(280)).to.deep.equal(numbered(280));
    await reader.stop();
    expect(await whole(reading, runId)).to.equal(asText(numbered(280)));
  });

  it('keep what is written while it is away, make builds wait when that is much, and store all of it then', async () => {
    const [writing, reading] = [await open({ mostWaitingBytes: 200_000 }), await open()];
    const [fast, slow] = [uuid7(), uuid7()];
    const reader = followed(reading, slow);
    const writers = [await writing.write(fast), await writing.write(slow)] as const;
    writers[1].append('stdout', asText(numbered(5)));
    await writers[1].flush();
    stop();
    let lines = 0;
    while (!writers[0].congested) {
      writers[0].append('stdout', asText(numbered(100, lines + 1)));
      lines += 100;
      await pause(0);
      expect(lines).to.be.lessThan(50_000);
    }
    expect(writers[1].congested).to.equal(undefined);
    writers[1].append('stdout', asText(numbered(5, 6)));
    const ending = Promise.all(writers.map((writer) => writer.end()));
    await pause(300);
    await start();
    await writers[0].congested;
    await ending;
    expect(writers.map(({ fault }) => fault)).to.deep.equal([undefined, undefined]);
    expect(await waitFor('the log', () => whole(reading, fast).catch(() => ''))).to.equal(
      asText(numbered(lines)),
    );
    expect(await reader.until(10)).to.deep.equal(numbered(10));
    await reader.stop();
  });

  it('are waited for no longer than somebody has patience', async () => {
    const [writing, patience] = [await open(), new AbortController()];
    const runId = uuid7();
    const writer = await writing.write(runId, undefined, { patience: patience.signal });
    writer.append('stdout', 'stored\n');
    await writer.flush();
    stop();
    writer.append('stdout', 'never\n');
    const ending = writer.end();
    patience.abort();
    await ending;
    expect(String(writer.fault)).to.match(/did not come back in time/);
    expect(writer.lastLine).to.equal(1);
  });

  it(`have all that was said to be stored of a process that is killed, ${killings} times`, async () => {
    const [logs, runId] = [await open(), uuid7()];
    const reader = followed(logs, runId);
    let said = 0;
    for (let round = 1; round <= killings; round++) {
      const child = spawn(process.execPath, [program, cluster.url, runId], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const most = 5 + Math.floor(Math.random() * 40);
      let printed = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        said = Math.max(said, Number(line));
        if (++printed === most) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(await logs.lineCount(runId)).to.be.at.least(said);
    }
    const writer = await logs.write(runId);
    const last = writer.lastLine + 1;
    writer.append('system', `line ${last}\n`);
    await writer.end();
    expect(await whole(logs, runId)).to.equal(asText(numbered(last)));
    expect(await reader.until(last)).to.deep.equal(numbered(last));
    await reader.stop();
  });
});
