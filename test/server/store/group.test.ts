import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGroupCommit, type GroupCommit } from '../../../server/store/group.ts';
import type { Transaction } from '../../../server/store/sql.ts';
import { counting, groupBenches, type GroupBench } from './groupBench.ts';
import { foreignStatement } from './foreignStatement.ts';
import { refusal } from './refusal.ts';

const insert = foreignStatement('INSERT INTO owner (name) VALUES ($1)');

function add(name: string): (sql: Transaction) => Promise<void> {
  return async (sql) => void (await sql.run(insert, [name]));
}

for (const { kind, open, says } of groupBenches)
  describe(`a group commit, on ${kind}`, () => {
    let bench: GroupBench;
    let group: GroupCommit;
    let commits: number;

    before(async () => {
      bench = await open();
    });
    beforeEach(async () => {
      await bench.empty();
      group = createGroupCommit(counting(bench.writer, () => commits++));
      commits = 0;
    });
    afterEach(() => group.close());
    after(() => bench?.close());

    it('commits the works of a tick together, in their order, before it answers any', async () => {
      const answers = ['c', 'a', 'b'].map((name) => group.write(add(name)).then(() => bench.owners()));
      const all = ['a', 'b', 'c'];
      expect(await Promise.all(answers)).to.deep.equal([all, all, all]);
      expect(commits).to.equal(1);
    });

    it('lets what a work asks for meanwhile join it, but no endless chain', async () => {
      const links: Promise<void>[] = [];
      const link = (number: number): Promise<void> =>
        group.write(async (sql) => {
          await add(`link ${number}`)(sql);
          if (number < 5) links.push(link(number + 1));
        });
      await link(1);
      expect(await bench.owners()).to.deep.equal(['link 1', 'link 2', 'link 3']);
      while (links.length < 4) await nextTurn();
      await Promise.all(links);
      expect(await bench.owners()).to.have.length(5);
      expect(commits).to.equal(2);
    });

    it('does last what is to go last, however early it was asked for', async () => {
      let seen: string[] = [];
      const read = foreignStatement('SELECT name FROM owner ORDER BY name');
      const look = (sql: Transaction): Promise<void> =>
        sql.all(read, []).then((rows) => void (seen = rows.map(({ name }) => String(name))));
      await Promise.all([
        group.write(look, { goesLast: true }),
        group.write(add('a')),
        group.write(add('b')),
      ]);
      expect(seen).to.deep.equal(['a', 'b']);
      expect(commits).to.equal(1);
    });

    it('undoes only the work that throws', async () => {
      const bad = group.write(async (sql) => {
        await add('bad')(sql);
        throw new Error('no good');
      });
      const twice = group.write(async (sql) => {
        await add('twice')(sql);
        await add('twice')(sql);
      });
      const good = group.write(add('good'));
      expect(await Promise.all([bad, twice, good].map(refusal))).to.deep.equal([
        'no good',
        says.twice,
        'done',
      ]);
      expect(await bench.owners()).to.deep.equal(['good']);
      expect(commits).to.equal(1);
    });

    it('fails a work of which a statement failed, whatever the work made of that', async () => {
      const careless = group.write(async (sql) => {
        await add('one')(sql);
        await add('one')(sql).catch(() => undefined);
      });
      const hasty = group.write(async (sql) => {
        await Promise.all([add('two')(sql), add('two')(sql)]);
      });
      const good = group.write(add('good'));
      expect(await Promise.all([careless, hasty, good].map(refusal))).to.deep.equal([
        says.twice,
        says.twice,
        'done',
      ]);
      expect(await bench.owners()).to.deep.equal(['good']);
    });

    it('waits for what a work did not wait for', async () => {
      const hurried = group.write(async (sql) => void add('late')(sql));
      const next = group.write(add('next'));
      expect(await Promise.all([hurried, next].map(refusal))).to.deep.equal(['done', 'done']);
      expect(await bench.owners()).to.deep.equal(['late', 'next']);
    });

    it('answers all with the error where the commit fails, and goes on', async () => {
      const stray = group.write((sql) =>
        sql.script(`INSERT INTO pet (name, owner) VALUES ('rex', 'nobody')`),
      );
      const answers = await Promise.all([stray, group.write(add('a'))].map(refusal));
      expect(answers).to.deep.equal([says.stray, says.stray]);
      expect(await bench.owners()).to.deep.equal([]);
      await group.write(add('b'));
      expect(await bench.owners()).to.deep.equal(['b']);
    });

    it('stops a work that waits for something else, and refuses what it does later', async () => {
      let late: Promise<string> | undefined;
      const slow = group.write(async (sql) => {
        await add('slow')(sql);
        await nextTurn().then(nextTurn);
        late = refusal(add('late')(sql));
      });
      expect(await Promise.all([slow, group.write(add('quick'))].map(refusal))).to.deep.equal([
        'a work of store.write waited for something that is not the store: do that before or after it',
        'done',
      ]);
      while (!late) await nextTurn();
      expect(await late).to.equal('a transaction of store.write was used after its work had ended');
      expect(await bench.owners()).to.deep.equal(['quick']);
    });

    it('commits many works in several turns', async () => {
      await Promise.all(Array.from({ length: 300 }, (_, index) => group.write(add(`owner ${index}`))));
      expect(await bench.owners()).to.have.length(300);
      expect(commits).to.equal(3);
    });

    it('writes what was asked before its end, and nothing after', async () => {
      const before = group.write(add('before'));
      const closing = group.close();
      expect(await refusal(group.write(add('after')))).to.equal(
        'the store is closed: nothing can be written any more',
      );
      await Promise.all([before, closing]);
      expect(await bench.owners()).to.deep.equal(['before']);
    });
  });

describe('a group commit, on PostgreSQL alone', () => {
  it('takes along whoever came while others wrote', async () => {
    const bench = await groupBenches[1].open();
    let commits = 0;
    const group = createGroupCommit(counting(bench.writer, () => commits++));
    const late: Promise<void>[] = [];
    const first = group.write(async (sql) => {
      for (const name of 'bcdef') late.push(group.write(add(name)));
      await add('a')(sql);
    });
    await first;
    await Promise.all(late);
    expect(await bench.owners()).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(commits).to.equal(1);
    await group.close();
    await bench.close();
  });
});

describe('a group commit, on SQLite alone', () => {
  it('answers all with the error where the database gave the transaction up, and goes on', async () => {
    const [{ open }] = groupBenches;
    const bench = await open();
    const group = createGroupCommit(bench.writer);
    const lost = group.write(async (sql) => {
      await add('lost')(sql);
      await sql.script('ROLLBACK');
      throw new Error('the disk is full');
    });
    expect(await Promise.all([lost, group.write(add('a'))].map(refusal))).to.deep.equal(
      Array(2).fill('the disk is full'),
    );
    await group.write(add('b'));
    expect(await bench.owners()).to.deep.equal(['b']);
    await group.close();
    await bench.close();
  });
});
