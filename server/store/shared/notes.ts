import type { Notes } from '../contract/notes.ts';
import { type Loose, postgresStatement } from '../loose.ts';
import { text } from '../row.ts';

const get = postgresStatement('SELECT value FROM notes WHERE name = $1');
const set = postgresStatement(
  'INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
);

export function createNotes(loose: Loose): Notes {
  return {
    async note(name) {
      const [row] = await loose.all(get, [name]);
      return row && text(row, 'value');
    },
    async setNote(name, value) {
      await loose.run(set, [name, value]);
    },
  };
}
