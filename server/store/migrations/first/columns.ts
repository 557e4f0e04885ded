// The words of the schema are written out here, not taken from server/words: this step stays as it was when they grow.

/** An integer key: `{serial}` is the database's own way to number rows without ever using a number again. */
export const key = 'key {serial} CHECK (key BETWEEN 1 AND 2147483647)';

export const ended = `'completed', 'dead_letter', 'failed', 'timed_out', 'crashed', 'system_failed', 'canceled', 'expired'`;

export const kind = `kind TEXT NOT NULL CHECK (kind IN ('image', 'container', 'http'))`;
