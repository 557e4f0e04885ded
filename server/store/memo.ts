import { finds } from './finds.ts';
import type { Row, SqlValue, Statement } from './sql.ts';

/** Answers that stand until somebody writes what they are about: the works of a group often ask the same. */
export interface Memo {
  /** The answer that is known, or what `ask` gives. */
  answer(statement: Statement, params: readonly SqlValue[], ask: () => Promise<Row[]>): Promise<Row[]>;
  /** Tells an answer before it is asked for. */
  know(statement: Statement, params: readonly SqlValue[], answer: Promise<Row[]>): void;
  /** Forgets what a statement may change that is carried out now. */
  note(statement: Statement): void;
  /** Forgets whatever was asked with this value. */
  forget(value: SqlValue): void;
  /** Forgets all. */
  clear(): void;
}

interface Known {
  params: readonly SqlValue[];
  answer: Promise<Row[]>;
}

export function createMemo(): Memo {
  const known = new Map<Statement, Map<string, Known>>();

  function know(statement: Statement, params: readonly SqlValue[], answer: Promise<Row[]>): void {
    const answers = known.get(statement) ?? new Map<string, Known>();
    known.set(statement, answers.set(JSON.stringify(params), { params, answer }));
    // Whoever asks for it is told; nobody may.
    answer.catch(() => undefined);
  }

  return {
    know,
    answer(statement, params, ask) {
      if (!statement.standsUntil) return ask();
      const found = known.get(statement)?.get(JSON.stringify(params));
      if (found) return found.answer;
      const answer = ask();
      know(statement, params, answer);
      return answer;
    },
    note(carried) {
      if (known.size === 0 || carried.text.startsWith('SELECT')) return;
      for (const statement of known.keys()) {
        // Where both say at which rows they look, these are others.
        const isOfOthers = carried.looksAt !== undefined && statement.looksAt !== undefined;
        if (!isOfOthers && statement.standsUntil && finds(statement.standsUntil, carried))
          known.delete(statement);
      }
    },
    forget(value) {
      for (const answers of known.values())
        for (const [name, { params }] of answers) if (params.includes(value)) answers.delete(name);
    },
    clear: () => known.clear(),
  };
}
