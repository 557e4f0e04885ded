/** Lets what many have collected be passed on at the same times, so that it is stored together. */
export interface Ticker {
  /** Has `pass` called once, in at most the delay. */
  soon(pass: () => void): void;
  leave(pass: () => void): void;
}

export function newTicker(delayMs: number): Ticker {
  let due = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    timer = undefined;
    const passing = due;
    due = new Set();
    for (const pass of passing) pass();
  }

  return {
    soon(pass) {
      due.add(pass);
      timer ??= setTimeout(tick, delayMs);
    },
    leave: (pass) => void due.delete(pass),
  };
}
