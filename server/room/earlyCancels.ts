/** A cancel may be committed right after a claim, and before anybody works on the run: it is remembered meanwhile. */
export interface EarlyCancels {
  /** Remembers cancels until the work, which takes attempts, is done. */
  during<T>(work: () => Promise<T>): Promise<T>;
  note(runId: string): void;
  /** Whether one was noted, which is forgotten now. */
  take(runId: string): boolean;
}

export function createEarlyCancels(): EarlyCancels {
  const canceled = new Set<string>();
  let underWay = 0;

  return {
    async during(work) {
      underWay++;
      try {
        return await work();
      } finally {
        if (--underWay === 0) canceled.clear();
      }
    },
    note(runId) {
      if (underWay > 0) canceled.add(runId);
    },
    take: (runId) => canceled.delete(runId),
  };
}
