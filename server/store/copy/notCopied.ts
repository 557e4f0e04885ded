/** Tables that no copy has, and why. */
export const notCopied: Readonly<Record<string, string>> = {
  migrations: 'the copy says itself which steps were taken for it, and when',
  members: 'the processes that have a database open, and nobody has a copy open',
  held_engines: 'the engines of those processes',
  calls: 'what those processes ask each other',
  allowances: 'what is left of the budgets of a minute',
  notes: 'what those processes leave for each other',
  log_heads: 'logs are copied line by line',
  log_chunks: 'logs are copied line by line',
  log_removed: 'logs that nobody sees any more',
  log_sizes: 'what the logs take is counted as they are written',
};
