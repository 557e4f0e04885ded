import type { Response } from 'express';

/** What the one who asks may still do in this minute. */
export interface Allowance {
  /** Takes one trigger. Rejects with a Problem (429) where none is left. */
  takeTrigger(): Promise<void>;
  /** Takes more of them for a request that has begun: what there is not of them is owed. */
  owe(triggers: number): Promise<void>;
}

const allowances = new WeakMap<Response, Allowance>();

/** Without one there is no limit. */
export function setAllowance(response: Response, allowance: Allowance): void {
  allowances.set(response, allowance);
}

/** Counts a request that makes a run; `route` does it for every one. */
export async function takeTrigger(response: Response): Promise<void> {
  await allowances.get(response)?.takeTrigger();
}

/** Counts the runs of a request beyond the first one: for requests that make several. */
export async function oweTriggers(response: Response, count: number): Promise<void> {
  if (count > 0) await allowances.get(response)?.owe(count);
}
