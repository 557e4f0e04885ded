import { expect } from 'chai';
import { askedTogether } from '../../../server/store/asking.ts';
import type { Row, Statement } from '../../../server/store/sql.ts';
import { foreignStatement } from './foreignStatement.ts';
import { refusal } from './refusal.ts';

const standing: Statement = { ...foreignStatement('SELECT a'), standsUntil: /a/ };
const fleeting = foreignStatement('SELECT b');

describe('what many ask at once', () => {
  let asked: PromiseWithResolvers<Row[]>[];
  let ask: ReturnType<typeof askedTogether>;

  beforeEach(() => {
    asked = [];
    ask = askedTogether(() => {
      const question = Promise.withResolvers<Row[]>();
      asked.push(question);
      return question.promise;
    });
  });

  const answer = async (index: number, value: number) => {
    asked[index]?.resolve([{ value }]);
    await new Promise(setImmediate);
  };

  it('is asked once for all who ask while it is under way, after they asked', async () => {
    const first = ask(standing, [1]);
    const others = [ask(standing, [1]), ask(standing, [1])];
    expect(asked).to.have.length(1);
    await answer(0, 1);
    expect(asked).to.have.length(2);
    const late = ask(standing, [1]);
    await answer(1, 2);
    await answer(2, 3);
    const answers = await Promise.all([first, ...others, late]);
    expect(answers.map(([row]) => row?.['value'])).to.deep.equal([1, 2, 2, 3]);
    void ask(standing, [1]);
    expect(asked).to.have.length(4);
  });

  it('is asked by each where it is about something else, or stands for no time', () => {
    for (const [statement, param] of [
      [standing, 1],
      [standing, 2],
      [fleeting, 1],
      [fleeting, 1],
    ] as const)
      void ask(statement, [param]);
    expect(asked).to.have.length(4);
  });

  it('is asked again where the one before had no answer, or takes too long', async () => {
    const failing = refusal(ask(standing, [1]));
    const next = ask(standing, [1]);
    asked[0]?.reject(new Error('gone'));
    expect(await failing).to.equal('gone');
    await new Promise(setImmediate);
    await answer(1, 2);
    expect(await next).to.deep.equal([{ value: 2 }]);
    void ask(standing, [2]);
    const patient = ask(standing, [2]);
    while (asked.length < 4) await new Promise(setImmediate);
    await answer(3, 4);
    expect(await patient).to.deep.equal([{ value: 4 }]);
  });
});
