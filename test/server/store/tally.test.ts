import { expect } from 'chai';
import { createGroupCommit, type GroupCommit } from '../../../server/store/group.ts';
import { integer, text } from '../../../server/store/row.ts';
import type { Adding, Transaction } from '../../../server/store/sql.ts';
import { foreignStatement } from './foreignStatement.ts';
import { groupBenches, type GroupBench } from './groupBench.ts';
import { refusal } from './refusal.ts';

const insert = foreignStatement('INSERT INTO owner (name) VALUES ($1)');
const rename = foreignStatement('UPDATE owner SET name = $2 WHERE name = $1');
const names = foreignStatement('SELECT name FROM owner ORDER BY name');
const pets = foreignStatement('SELECT COUNT(*) AS pets FROM pet');
/** Each sum that is written becomes a name. */
const counter: Adding = {
  statement: foreignStatement(
    `INSERT INTO owner (name) VALUES (CAST($1 AS TEXT) || ' ' || CAST($2 AS INTEGER) || ' ' || CAST($3 AS INTEGER))`,
  ),
  named: /\bowner\b/,
};

const count =
  (key: string, ...amounts: number[]) =>
  async (sql: Transaction) =>
    sql.add(counter, [key], amounts);

for (const { kind, open, says } of groupBenches)
  describe(`what a group adds up, on ${kind}`, () => {
    let bench: GroupBench;
    let group: GroupCommit;

    before(async () => {
      bench = await open();
    });
    beforeEach(async () => {
      await bench.empty();
      group = createGroupCommit(bench.writer);
    });
    afterEach(() => group.close());
    after(() => bench?.close());

    it('is written once for each counter, and not at all where nothing is left of it', async () => {
      const works = [
        count('a', 1, 10),
        count('b', 2, 0),
        count('a', 1, 5),
        count('c', 1, 1),
        count('c', -1, -1),
      ];
      await Promise.all(works.map((work) => group.write(work)));
      expect(await bench.owners()).to.deep.equal(['a 2 15', 'b 2 0']);
    });

    it('is without what works added that failed', async () => {
      const bad = group.write(async (sql) => {
        sql.add(counter, ['a'], [100, 100]);
        throw new Error('no good');
      });
      const answers = [group.write(count('a', 1, 1)), bad, group.write(count('a', 1, 2))].map(refusal);
      expect(await Promise.all(answers)).to.deep.equal(['done', 'no good', 'done']);
      expect(await bench.owners()).to.deep.equal(['a 2 3']);
    });

    it('is there for whoever looks, and only then', async () => {
      const before = group.write(count('a', 1, 1));
      const seen = group.write(async (sql) => {
        sql.add(counter, ['a'], [1, 1]);
        const none = await sql.get(pets, []);
        sql.add(counter, ['a'], [1, 1]);
        return { none: none && integer(none, 'pets'), rows: await sql.all(names, []) };
      });
      const [, { none, rows }] = await Promise.all([before, seen]);
      expect(none).to.equal(0);
      // What others added is written beside what this one did.
      expect(rows.map((row) => text(row, 'name'))).to.deep.equal(['a 1 1', 'a 2 2']);
    });

    it('is not lost where who looked fails', async () => {
      const bad = group.write(async (sql) => {
        sql.add(counter, ['a'], [100, 100]);
        await sql.all(names, []);
        throw new Error('no good');
      });
      const answers = [group.write(count('a', 1, 1)), bad, group.write(count('b', 1, 2))].map(refusal);
      expect(await Promise.all(answers)).to.deep.equal(['done', 'no good', 'done']);
      expect(await bench.owners()).to.deep.equal(['a 1 1', 'b 1 2']);
    });

    it('fails the group where it cannot be written', async () => {
      const clash = group.write(async (sql) => void (await sql.run(insert, ['a 1 1'])));
      const after = group.write(count('b', 1, 1)).then(() => group.write(count('a', 1, 1)));
      expect(await refusal(clash)).to.equal('done');
      expect(await refusal(after)).to.include(says.twice);
      expect(await bench.owners()).to.deep.equal(['a 1 1', 'b 1 1']);
      await group.write(count('c', 1, 1));
      expect(await bench.owners()).to.deep.equal(['a 1 1', 'b 1 1', 'c 1 1']);
    });

    it('leaves nothing of a work that sent what changed something else than it had to', async () => {
      await group.write(async (sql) => sql.send(insert, ['a'], 1));
      const lost = group.write(async (sql) => {
        await sql.run(insert, ['b']);
        sql.send(rename, ['nobody', 'somebody'], 1);
      });
      expect(await refusal(lost)).to.include('a statement changed 0 rows instead of 1');
      expect(await bench.owners()).to.deep.equal(['a']);
      await group.write(async (sql) => sql.send(rename, ['a', 'c'], 1));
      expect(await bench.owners()).to.deep.equal(['c']);
    });
  });
