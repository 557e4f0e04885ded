import { type Row, type Sql, type SqlValue, statement } from '../sql.ts';

/** So many values are asked for at once, where there are as many. */
const usual: readonly number[] = [100, 10, 1];

/** Asks for the rows of any number of values; they come in no certain order. */
export type Several = (sql: Sql, values: readonly SqlValue[]) => Promise<Row[]>;

/**
 * Declares a question whose `textOf` puts a list of parameters behind an IN. Without a size of one, the last list is filled
 * up with nulls.
 */
export function several(textOf: (list: string) => string, sizes = usual): Several {
  const texts = sizes.map((count) => ({
    count,
    text: statement(textOf(Array.from({ length: count }, (_, index) => `$${index + 1}`).join(', '))),
  }));
  return async (sql, values) => {
    const answers: Promise<Row[]>[] = [];
    let from = 0;
    for (const { count, text } of texts)
      for (; values.length - from >= count; from += count)
        answers.push(sql.all(text, values.slice(from, from + count)));
    const [rest, last] = [values.slice(from), texts.findLast(({ count }) => count >= values.length - from)];
    if (rest.length > 0 && last)
      answers.push(sql.all(last.text, [...rest, ...Array<null>(last.count - rest.length).fill(null)]));
    return (await Promise.all(answers)).flat();
  };
}
