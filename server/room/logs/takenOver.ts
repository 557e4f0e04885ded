/** Whoever wrote a log may write it no more: another one holds the attempt, or the log was removed. */
export class LogTakenOver extends Error {}
