import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openServerStore, openStore } from '../../server/openStore.ts';
import { StartError } from '../../server/startError.ts';
import { sharedPostgres } from '../fixtures/postgres.ts';
import { freshDatabase } from './store/freshDatabase.ts';

describe('where the store is', () => {
  let data: string;
  let elsewhere: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'dbs-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'dbs-'));
  });
  afterEach(() => {
    for (const folder of [data, elsewhere]) rmSync(folder, { recursive: true, force: true });
  });

  async function refused(database: string | undefined, folder = data): Promise<string> {
    try {
      await (await openServerStore({ data: folder, database })).close();
      return 'opened';
    } catch (error) {
      expect(error).to.be.instanceOf(StartError);
      return error instanceof Error ? error.message : '';
    }
  }

  it('is the data folder, a file or another folder', async () => {
    for (const [database, file] of [
      [undefined, join(data, 'store.sqlite')],
      [elsewhere, join(elsewhere, 'store.sqlite')],
      [join(elsewhere, 'deep', 'runs.db'), join(elsewhere, 'deep', 'runs.db')],
    ] as const) {
      const store = await openServerStore({ data, database });
      expect(existsSync(file), file).to.equal(true);
      await store.close();
    }
  });

  it('is held, whatever way somebody else takes to it', async () => {
    const file = join(data, 'store.sqlite');
    const held = await openServerStore({ data, database: undefined });
    expect(await refused(file)).to.equal(
      `the store ${file} is in use by another docker-builder: stop that one, or set DOCKER_BUILDER_DATABASE to another file`,
    );
    expect(await refused(data, elsewhere)).to.match(
      /^the data folder .* is in use by another docker-builder/,
    );
    await held.close();
    expect(await refused(file)).to.equal('opened');
  });

  it('may be PostgreSQL for several, each with a data folder of its own', async () => {
    const database = await freshDatabase();
    const held = await openServerStore({ data, database: database.url });
    expect(await refused(database.url)).to.match(/^the data folder .* is in use by another docker-builder/);
    expect(await refused(undefined)).to.match(/^the data folder .* is in use by another docker-builder/);
    expect(await refused(database.url, elsewhere)).to.equal('opened');
    const beside = await openStore({ data, database: database.url });
    expect(beside.id).to.equal(held.id);
    await beside.close();
    await held.close();
    expect(await refused(undefined)).to.equal('opened');
    await database.giveBack();
  });

  it('is told in a sentence where it cannot be, and never with the password', async () => {
    const { urlOf } = await sharedPostgres();
    const said = await refused(urlOf('nowhere', 'postgres', 'hush'));
    expect(said).to.match(/^PostgreSQL at .* says: database "nowhere" does not exist; create that database/);
    expect(said).to.not.include('hush');
    expect(await refused('postgres://u:hush/hush@h/d')).to.match(
      /^DOCKER_BUILDER_DATABASE must look like postgres:[^h]/,
    );
    expect(await refused('mysql://h/d')).to.match(/^DOCKER_BUILDER_DATABASE must begin with postgres:/);
    expect(await refused(undefined)).to.equal('opened');
  });
});
