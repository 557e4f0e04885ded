import type { Row, SqlValue, Statement } from './sql.ts';

export type Ask = (statement: Statement, params: readonly SqlValue[]) => Promise<Row[]>;

/** Who waits for the answer to the same question of somebody else asks himself after so many milliseconds. */
const waitMs = 20;

interface Question {
  answer: Promise<Row[]>;
  /** Asked when that one is answered, for all who asked meanwhile. */
  next: Promise<Row[]> | undefined;
}

/**
 * Asks what many ask at once (a question whose answer stands for a while) one time for all of them. Nobody is given an answer
 * to what was asked before he asked: who comes while it is under way shares the next one.
 */
export function askedTogether(ask: Ask): Ask {
  const underWay = new Map<Statement, Map<string, Question>>();

  function begin(of: Map<string, Question>, name: string, asked: () => Promise<Row[]>): Promise<Row[]> {
    const question: Question = { answer: asked(), next: undefined };
    of.set(name, question);
    const end = () => void (of.get(name) === question && of.delete(name));
    question.answer.then(end, end);
    return question.answer;
  }

  return (statement, params) => {
    if (!statement.standsUntil) return ask(statement, params);
    const of = underWay.get(statement) ?? new Map<string, Question>();
    underWay.set(statement, of);
    const name = JSON.stringify(params);
    const asked = () => ask(statement, params);
    const found = of.get(name);
    if (!found) return begin(of, name, asked);
    return (found.next ??= ended(found.answer).then(() => begin(of, name, asked)));
  };
}

/** Resolves when it is answered, or has taken too long. */
function ended(answer: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    answer.then(end, end);
  });
}
