import { isPostgresUrl, readPostgresUrl } from '../words/postgresUrl.ts';

/** What is wrong with the place of the store, as the end of a sentence that never says what is in it. */
export function databaseProblem(text: string): string | undefined {
  if (isPostgresUrl(text)) {
    const address = readPostgresUrl(text);
    return 'problem' in address ? address.problem : undefined;
  }
  // One letter before the colon is a drive.
  if (/^[a-z][a-z\d+.-]+:/i.test(text) || text.includes('\0'))
    return 'must begin with postgres://, or be the path of an SQLite file (x.sqlite) or of the folder of one';
  return undefined;
}
