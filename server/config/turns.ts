/** Gives work its turn: each begins when the one before has ended, well or not. */
export function createTurns(): { take<T>(work: () => Promise<T>): Promise<T>; done(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (work) => {
      const taken = last.then(work);
      last = taken.catch(() => {});
      return taken;
    },
    done: async () => {
      await last;
    },
  };
}
