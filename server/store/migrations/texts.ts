import { postgresDialect } from '../postgresDialect.ts';
import type { Step } from './step.ts';

/** The texts of a step for SQLite: AUTOINCREMENT keeps it from using the number of a deleted row again. */
export function sqliteTexts({ both }: Step): string[] {
  return both.map((text) => text.replaceAll('{serial}', 'INTEGER PRIMARY KEY AUTOINCREMENT'));
}

/** The same for PostgreSQL, with what only it has. */
export function postgresTexts({ both, postgres }: Step): string[] {
  return [...both.map(postgresDialect), ...postgres];
}
