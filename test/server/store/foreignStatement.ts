import type { Statement } from '../../../server/store/sql.ts';

/** A statement on tables of a test's own: it is not one of the store's, which all are prepared and explained. */
export function foreignStatement(text: string): Statement {
  return { text } as Statement;
}
