import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { digestOf } from '../../../server/room/logs/copying/digest.ts';
import { openLogs } from '../../../server/room/logs/logs.ts';
import { openSharedLogs } from '../../../server/room/logs/shared/logs.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { fillStore } from '../store/filledStore.ts';
import { command, type Ended } from './command.ts';

const key = 'ab'.repeat(32);
const linesOf = (index: number) => (index === 1 ? 4000 : index);

describe('docker-builder store', () => {
  let folder: string;
  let data: string;
  let database: TestDatabase;
  let runs: string[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dbs-copy-'));
    data = join(folder, 'data');
    database = await emptyDatabase();
    await fillStore(data);
    writeFileSync(join(data, 'secret.key'), `${key}\n`, { mode: 0o600 });
    runs = idsOfRuns();
    await writeLogs();
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await database?.drop();
  });

  const copy = (...args: string[]) => command(folder, ['store', 'copy', ...args]);

  function idsOfRuns(): string[] {
    const file = new DatabaseSync(join(data, 'store.sqlite'));
    const rows = file.prepare('SELECT id FROM runs ORDER BY key').all();
    file.close();
    return rows.map(({ id }) => String(id));
  }

  /** One is long and has lost its middle, one has no lines, one is not there. */
  async function writeLogs(): Promise<void> {
    const logs = openLogs({ folder: join(data, 'logs'), maxBytes: () => 60_000, segmentBytes: 10_000 });
    for (const [index, run] of runs.slice(1).entries()) {
      const writer = await logs.write(run);
      for (let line = 1; line <= linesOf(index); line++) {
        writer.append(line % 3 === 0 ? 'stderr' : 'stdout', `${'x'.repeat(line % 40)} ß ${line}\n`);
        await writer.congested;
      }
      await writer.end();
    }
    expect(await logs.removedParts(runs[2] ?? '')).to.not.deep.equal([]);
    await logs.close();
  }

  async function digestsIn(place: string): Promise<string[]> {
    const logs = openLogs({ folder: join(place, 'logs') });
    const digests = [];
    for (const run of runs) digests.push((await digestOf(logs, run)).value);
    await logs.close();
    return digests;
  }

  function endOf({ code, err }: Ended): string {
    return `${code} ${err}`;
  }

  it('copies to PostgreSQL and back, with logs and the key, and says what is left to do', async () => {
    const there = await copy('data', database.url);
    expect(endOf(there)).to.equal('0 ');
    expect(there.out).to.match(/^runs +\d+ rows {2}verified {2}\d+\.\d s$/m);
    const lines = runs.slice(1).reduce((sum, _run, index) => sum + linesOf(index), 0);
    expect(there.out).to.match(/^logs +\d+ logs {2}verified, \d+ lines {2}\d+\.\d s$/m);
    expect(there.out).to.include(`${runs.length - 1} logs  verified, ${lines} lines`);
    expect(there.out).to.include(`DOCKER_BUILDER_SECRETKEY="$(cat ${join(data, 'secret.key')})"`);
    expect(there.out).to.include('Let nobody serve the store that was copied again.');
    expect(there.out).to.not.include(key);
    const original = await digestsIn(data);
    expect(await digestsInDatabase()).to.deep.equal(original);

    const back = await copy(database.url, 'back');
    expect(endOf(back)).to.equal('0 ');
    expect(back.out).to.include(join(folder, 'back', 'secret.key'));
    expect(await digestsIn(join(folder, 'back'))).to.deep.equal(original);
    expect(readdirSync(join(folder, 'back')).toSorted()).to.deep.equal([
      'logs',
      'store.lock',
      'store.sqlite',
    ]);
  });

  async function digestsInDatabase(): Promise<string[]> {
    const store = await openPostgresStore(database.url);
    if (!store.shared) throw new Error('nothing is shared on PostgreSQL');
    const logs = openSharedLogs({ shared: store.shared });
    const digests = [];
    for (const run of runs) digests.push((await digestOf(logs, run)).value);
    await logs.close();
    await store.close();
    return digests;
  }

  it('copies between folders and files, each with its data folder', async () => {
    expect(endOf(await copy('data', 'other.sqlite', '--to-data', 'beside'))).to.equal('0 ');
    expect(readFileSync(join(folder, 'beside', 'secret.key'), 'utf8').trim()).to.equal(key);
    expect(statSync(join(folder, 'beside', 'secret.key')).mode & 0o777).to.equal(0o600);
    expect(await digestsIn(join(folder, 'beside'))).to.deep.equal(await digestsIn(data));
    const near = await copy('other.sqlite', 'near.db', '--from-data', 'beside', '--to-data', 'beside');
    expect(endOf(near)).to.equal('0 ');
    expect(near.out).to.include('The logs stay where they are: both use the same data folder.');
    expect(existsSync(join(folder, 'near.db'))).to.equal(true);
  });

  it('is refused in a sentence, and changes nothing then', async () => {
    expect(endOf(await copy('data', 'data'))).to.equal(
      '1 docker-builder: nothing was copied: FROM and TO are the same store\n',
    );
    expect(endOf(await copy('nowhere', 'there'))).to.match(
      /^1 .*nothing was copied: there is no store in the data folder nowhere/,
    );
    expect(existsSync(join(folder, 'there', 'store.sqlite'))).to.equal(false);
    expect(endOf(await copy('data', 'postgres://u:hush/hush@h/d'))).to.match(
      /^2 .*TO must look like postgres:[^h]/,
    );
    expect(endOf(await copy('mysql://h/d', 'there'))).to.match(/^2 .*FROM must begin with postgres:/);
    expect(endOf(await copy('data'))).to.match(/^2 .*TO is missing/);
    expect(endOf(await command(folder, ['store', 'move']))).to.match(/^2 .*unknown: store move/);
    const help = await command(folder, ['store', 'copy', '--help']);
    expect(help).to.include({ code: 0, err: '' });
    expect(help.out).to.match(/^docker-builder store copy FROM TO/);
  });

  it('is refused where logs or a key of something else are in the way', async () => {
    const to = join(folder, 'full');
    const logs = openLogs({ folder: join(to, 'logs') });
    const writer = await logs.write(runs[0] ?? '');
    writer.append('stdout', 'mine\n');
    await writer.end();
    await logs.close();
    expect(endOf(await copy('data', 'full'))).to.match(/^1 .*full\/logs has logs of another store/);
    rmSync(join(to, 'logs'), { recursive: true });
    writeFileSync(join(to, 'secret.key'), 'cd'.repeat(32), { mode: 0o600 });
    expect(endOf(await copy('data', 'full'))).to.match(
      /^1 .*full\/secret.key is another key than .*data\/secret.key: remove it/,
    );
    expect(readdirSync(to).toSorted()).to.deep.equal(['secret.key', 'store.lock']);
  });
});
