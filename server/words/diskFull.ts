const codes: ReadonlySet<unknown> = new Set([
  // The operating system: no space, and no more of what a user may have.
  'ENOSPC',
  'EDQUOT',
  // PostgreSQL.
  '53100',
]);

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: no room for the index of its log. */
const sqliteCodes: ReadonlySet<unknown> = new Set([13, 4874]);

/** Whether an error, or what caused it, says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isFull =
    ('code' in error && codes.has(error.code)) || ('errcode' in error && sqliteCodes.has(error.errcode));
  return isFull || isDiskFull(error.cause);
}
