export interface SealWrites {
  /** What tells the key that the store's secrets are sealed with from others: `mark` where nobody sealed any yet. */
  ensureSealMark(mark: string): Promise<string>;
}
