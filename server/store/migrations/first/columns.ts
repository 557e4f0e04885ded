// The words of the schema are written out here, not taken from server/words: this step stays as it was when they grow.

/** An integer key: `{serial}` is the database's own way to number rows without ever using a number again. */
export const key = 'key {serial} CHECK (key BETWEEN 1 AND 2147483647)';

/**
 * That a column holds one of these words. Each is compared by itself, the most frequent first: of an IN with more than
 * two SQLite would make a table anew for every row that it checks.
 */
export function isOneOf(column: string, words: readonly string[]): string {
  return `(${words.map((word) => `${column} = '${word}'`).join(' OR ')})`;
}

export const kind = `kind TEXT NOT NULL CHECK ${isOneOf('kind', ['image', 'container', 'http'])}`;
