import { expect } from 'chai';
import type { Gathering } from '../../../server/store/gathering.ts';
import { createGroupCommit, type GroupCommit } from '../../../server/store/group.ts';
import { integer, text } from '../../../server/store/row.ts';
import type { Statement, Transaction } from '../../../server/store/sql.ts';
import { foreignStatement } from './foreignStatement.ts';
import { groupBenches, type GroupBench } from './groupBench.ts';
import { refusal } from './refusal.ts';

const insert = foreignStatement('INSERT INTO owner (name) VALUES ($1)');
const names = foreignStatement('SELECT name FROM owner ORDER BY name');
const count = foreignStatement('SELECT COUNT(*) AS owners FROM owner');
const one: Statement = {
  ...foreignStatement('SELECT name FROM owner WHERE name = $1'),
  looksAt: [0],
  standsUntil: /^INSERT INTO owner\b/,
};
/** Gives an owner another name. */
const rename: Gathering = {
  one: foreignStatement('UPDATE owner SET name = $2 WHERE name = $1'),
  several: [
    {
      most: 3,
      statement: foreignStatement(
        `UPDATE owner SET name = column2 FROM (VALUES (CAST($1 AS TEXT), CAST($2 AS TEXT)), ($3, $4), ($5, $6)) AS changes
         WHERE name = column1`,
      ),
    },
  ],
  named: /\bowner\b/,
};

const make =
  (...made: string[]) =>
  async (sql: Transaction) => {
    for (const name of made) await sql.run(insert, [name]);
  };
const change = (from: string, to: string) => async (sql: Transaction) => sql.gather(rename, from, [from, to]);
const look = async (sql: Transaction) => (await sql.all(names, [])).map((row) => text(row, 'name'));

for (const { kind, open } of groupBenches)
  describe(`what a group changes row by row, on ${kind}`, () => {
    let bench: GroupBench;
    let group: GroupCommit;
    before(async () => {
      bench = await open();
    });
    beforeEach(async () => {
      await bench.empty();
      group = createGroupCommit(bench.writer);
      await group.write(make('a', 'b', 'c', 'd'));
    });
    afterEach(() => group.close());
    after(() => bench?.close());

    it('is written with the commit, however many rows there are', async () => {
      await Promise.all(['a', 'b', 'c', 'd'].map((name) => group.write(change(name, `${name}${name}`))));
      expect(await bench.owners()).to.deep.equal(['aa', 'bb', 'cc', 'dd']);
    });

    it('is there for whoever looks, the row or all of them', async () => {
      const [, gone, , all] = await Promise.all([
        group.write(change('a', 'x')),
        group.write((sql) => sql.get(one, ['a'])),
        group.write(change('b', 'y')),
        group.write(look),
      ]);
      expect(gone).to.equal(undefined);
      expect(all).to.deep.equal(['c', 'd', 'x', 'y']);
    });

    it('is without what works told that failed, and not lost where they looked', async () => {
      const bad = async (sql: Transaction) => {
        sql.gather(rename, 'b', ['b', 'bad']);
        await look(sql);
        throw new Error('no good');
      };
      const answers = [group.write(change('a', 'x')), group.write(bad), group.write(change('c', 'z'))];
      expect(await Promise.all(answers.map(refusal))).to.deep.equal(['done', 'no good', 'done']);
      expect(await bench.owners()).to.deep.equal(['b', 'd', 'x', 'z']);
    });

    it('fails where the row is not there', async () => {
      expect(await refusal(group.write(change('nobody', 'x')))).to.include('changed 0 rows instead of 1');
      expect(await bench.owners()).to.deep.equal(['a', 'b', 'c', 'd']);
    });

    it('is told to those that ask again, until somebody writes what they ask for', async () => {
      const seen = await group.write(async (sql) => {
        const answers = [await sql.get(one, ['e']), await sql.get(one, ['e'])];
        await sql.run(insert, ['e']);
        const found = await sql.get(one, ['e']);
        sql.gather(rename, 'e', ['e', 'f']);
        return [...answers, found && text(found, 'name'), await sql.get(one, ['e'])];
      });
      expect(seen).to.deep.equal([undefined, undefined, 'e', undefined]);
    });

    it('is not told from what was undone', async () => {
      const bad = group.write(async (sql) => {
        await sql.run(insert, ['e']);
        await sql.get(one, ['e']);
        throw new Error('no good');
      });
      const after = group.write((sql) => sql.get(one, ['e']));
      const counted = group.write(async (sql) => integer((await sql.get(count, [])) ?? {}, 'owners'));
      expect([await refusal(bad), await after, await counted]).to.deep.equal(['no good', undefined, 4]);
    });
  });
