/** Those who wait until something is so. */
export interface Conditions {
  until(isMet: () => boolean): Promise<void>;
  /** Something has changed. */
  look(): void;
}

export function newConditions(): Conditions {
  let waiting: { isMet: () => boolean; resolve: () => void }[] = [];
  return {
    async until(isMet) {
      if (!isMet()) await new Promise<void>((resolve) => waiting.push({ isMet, resolve }));
    },
    look() {
      const met = waiting.filter(({ isMet }) => isMet());
      waiting = waiting.filter((one) => !met.includes(one));
      for (const { resolve } of met) resolve();
    },
  };
}
