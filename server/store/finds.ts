import type { Statement } from './sql.ts';

const known = new WeakMap<RegExp, WeakMap<Statement, boolean>>();

/** Whether an expression is found in the text of a statement; there are few of both, and each pair is looked at once. */
export function finds(named: RegExp, statement: Statement): boolean {
  let answers = known.get(named);
  if (!answers) known.set(named, (answers = new WeakMap()));
  const answer = answers.get(statement) ?? named.test(statement.text);
  answers.set(statement, answer);
  return answer;
}
