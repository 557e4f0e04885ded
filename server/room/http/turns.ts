/** Does work about something when it is its turn. */
export type Turns = <T>(about: string, work: () => Promise<T>) => Promise<T>;

/** Of works about one and the same thing `most` are under way at once; the others wait, first come, first served. */
export function createTurns(most: number): Turns {
  const known = new Map<string, { busy: number; waiting: (() => void)[] }>();

  return async (about, work) => {
    const one = known.get(about) ?? { busy: 0, waiting: [] };
    known.set(about, one);
    if (one.busy < most) one.busy++;
    else await new Promise<void>((resolve) => one.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = one.waiting.shift();
      if (next) next();
      else if (--one.busy === 0) known.delete(about);
    }
  };
}
