import { short } from './statistics.ts';

/** One line of `make bench`. */
export interface Figure {
  bench: string;
  value: number;
  unit: string;
  reach: number;
  ok: boolean;
  [detail: string]: unknown;
}

/** One row: brings what it needs, measures, and removes all of it again. */
export type Row = () => Promise<Figure>;

interface Value {
  value: number;
  unit: string;
  reach: number;
}

/** `also` is a second condition that the row has; its figures stand in the details. */
export function atMost(bench: string, { value, unit, reach }: Value, also: boolean, details: object): Figure {
  return { bench, value: short(value), unit, reach, ok: value <= reach && also, ...details };
}

export function atLeast(
  bench: string,
  { value, unit, reach }: Value,
  also: boolean,
  details: object,
): Figure {
  return { bench, value: short(value), unit, reach, ok: value >= reach && also, ...details };
}
