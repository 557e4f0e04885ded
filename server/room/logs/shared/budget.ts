/** What waits to be stored of all logs of a process: where it is too much, those who write are told to wait. */
export interface Budget {
  /** Set while this log has too much waiting, or all together. */
  congested(log: Spender): Promise<void> | undefined;
  /** It has more waiting than before. */
  spent(log: Spender): void;
  /** It has less. */
  freed(): void;
  /** It writes no more. */
  leave(log: Spender): void;
}

export interface Spender {
  readonly waitingBytes: number;
}

/** What one log may have waiting while the database takes it. */
const ownBytes = 4 * 1024 * 1024;

/** `mostBytes` is what all may have waiting, also while the database is away. */
export function newBudget(mostBytes: number, isAway: () => boolean): Budget {
  const logs = new Set<Spender>();
  const held = new Map<Spender, PromiseWithResolvers<void>>();

  const total = (): number => {
    let bytes = 0;
    for (const { waitingBytes } of logs) bytes += waitingBytes;
    return bytes;
  };

  /** `part` of what it may have: who was told to wait goes on when half of it is gone. */
  function isTooMuch(log: Spender, part: number): boolean {
    if (log.waitingBytes === 0) return false;
    return (!isAway() && log.waitingBytes > ownBytes * part) || total() > mostBytes * part;
  }

  function release(log: Spender): void {
    held.get(log)?.resolve();
    held.delete(log);
  }

  return {
    congested: (log) => held.get(log)?.promise,
    spent(log) {
      logs.add(log);
      if (!held.has(log) && isTooMuch(log, 1)) held.set(log, Promise.withResolvers());
    },
    freed() {
      for (const log of held.keys()) if (!isTooMuch(log, 0.5)) release(log);
    },
    leave(log) {
      logs.delete(log);
      release(log);
      this.freed();
    },
  };
}
