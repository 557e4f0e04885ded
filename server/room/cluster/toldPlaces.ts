import type { Place } from '../../words/run.ts';

/** Where others told that something waits, until somebody looks. */
export interface ToldPlaces {
  /** Without places it may be anywhere. */
  note(places: readonly Place[] | undefined): void;
  /** All that was noted since the last time; undefined where it may be anywhere. */
  take(): readonly Place[] | undefined;
}

export function createToldPlaces(): ToldPlaces {
  let told = new Set<Place>();
  let isAnywhere = false;
  return {
    note(places) {
      if (!places) isAnywhere = true;
      for (const place of places ?? []) told.add(place);
    },
    take() {
      const all = isAnywhere ? undefined : [...told];
      told = new Set();
      isAnywhere = false;
      return all;
    },
  };
}
