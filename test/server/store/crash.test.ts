import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../../server/store/open.ts';
import { temporaryFolder } from './temporaryStore.ts';

const rounds = 5;
const program = join(import.meta.dirname, 'crashChild.ts');

describe('a store whose process is killed', () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Lets the child insert runs until it has printed `count` lines, then kills it; gives all that it printed. */
  async function killedAfter(count: number): Promise<string[]> {
    const started = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    const printed: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) {
      printed.push(line);
      if (printed.length === count) started.kill('SIGKILL');
    }
    await kill();
    return printed;
  }

  /** What is wrong with the file, if anything. */
  function faults(): unknown[] {
    const database = new DatabaseSync(join(folder, 'store.sqlite'));
    const broken = database
      .prepare('PRAGMA integrity_check')
      .all()
      .filter((row) => row['integrity_check'] !== 'ok');
    const astray = database.prepare('PRAGMA foreign_key_check').all();
    database.close();
    return [...broken, ...astray];
  }

  it(`has every run that was said to be durable, ${rounds} times`, async () => {
    const durable = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      const printed = await killedAfter(2 + Math.floor(Math.random() * 500));
      // The last line may have been cut by the kill.
      for (const id of printed.slice(1).filter((line) => line.length === 36)) durable.add(id);
      expect(faults()).to.deep.equal([]);
      const store = await openSqliteStore(folder);
      for (const id of durable) expect(await store.read.run(id), id).to.deep.include({ state: 'queued', id });
      const total = await store.read.countRuns({});
      expect(await store.read.runs({}, { limit: 1_000_000 })).to.have.length(total);
      await store.close();
    }
    expect(durable.size).to.be.greaterThan(rounds);
  });

  it('cannot be opened by a second process until the first is gone, in whatever way', async () => {
    const started = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    started.stdout.resume();
    await once(started.stdout, 'data');
    const refused = await openSqliteStore(folder).then(
      () => 'opened',
      (error: unknown) => String(error),
    );
    expect(refused).to.equal(
      `Error: the data folder ${folder} is in use by another docker-builder: stop that one, or set DOCKER_BUILDER_DATA to another folder`,
    );
    await kill();
    const store = await openSqliteStore(folder);
    await store.close();
  });
});
