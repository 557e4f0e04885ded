import { isIPv6 } from 'node:net';
import type { Response } from 'express';
import { setAllowance } from '../http/allowance.ts';
import { Problem } from '../words/problems.ts';
import type { Identity } from '../words/scopes.ts';
import type { Taken } from './buckets.ts';
import { type Budgets, ownBudgets } from './budgets.ts';

/** What is allowed in a minute; 0 is no limit. */
export interface Rates {
  /** Of a key. */
  requestsPerMinute: number;
  /** Of a key: what makes a run. */
  triggersPerMinute: number;
  /** Of an address: wrong passwords, tokens and keys. */
  failedLoginsPerMinute: number;
}

/**
 * Bounds what keys do, and how often passwords are guessed, at all servers together. The administrator is not bounded.
 * While the database does not answer, each server counts by itself.
 */
export interface Limits {
  /** Counts a request. Rejects with a Problem (429) where its key made too many; `response` is undefined for a websocket. */
  countRequest(identity: Identity, response: Response | undefined): Promise<void>;
  /** Rejects with a Problem (429) where this address guessed wrong too often: then nothing is even compared. */
  refuseGuesser(address: string | undefined): Promise<void>;
  /** Counts a wrong guess. Rejects with a Problem (429) where there were too many. */
  countFailure(address: string | undefined): Promise<void>;
}

export function createLimits(rates: () => Rates, budgets: Budgets = ownBudgets()): Limits {
  async function guess(address: string | undefined, how: 'look' | 'take'): Promise<void> {
    const limit = rates().failedLoginsPerMinute;
    if (limit === 0) return;
    const taken = await budgets[how](`login ${networkOf(address ?? '')}`, limit);
    if (!taken.granted) throw tooMany('too many failed logins from this address', limit, taken);
  }

  async function takeTrigger(keyId: string, response: Response): Promise<void> {
    const limit = rates().triggersPerMinute;
    if (limit === 0) return;
    const taken = await budgets.take(`trigger ${keyId}`, limit);
    tell(response, limit, taken);
    if (!taken.granted) throw tooMany('too many triggers with this key', limit, taken);
  }

  async function owe(keyId: string, triggers: number, response: Response): Promise<void> {
    const limit = rates().triggersPerMinute;
    if (limit > 0) tell(response, limit, await budgets.owe(`trigger ${keyId}`, limit, triggers));
  }

  return {
    refuseGuesser: (address) => guess(address, 'look'),
    countFailure: (address) => guess(address, 'take'),
    async countRequest(identity, response) {
      if (identity.kind === 'admin') return;
      const keyId = identity.kind === 'key' ? identity.keyId : `network ${networkOf(identity.address)}`;
      const limit = rates().requestsPerMinute;
      if (limit > 0) {
        const taken = await budgets.take(`request ${keyId}`, limit);
        if (response) tell(response, limit, taken);
        if (!taken.granted) throw tooMany('too many requests with this key', limit, taken);
      }
      if (!response) return;
      setAllowance(response, {
        takeTrigger: () => takeTrigger(keyId, response),
        owe: (triggers) => owe(keyId, triggers, response),
      });
    },
  };
}

function tell(response: Response, limit: number, { remaining }: Taken): void {
  response.set({ 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': String(remaining) });
}

function tooMany(what: string, limit: number, { retryAfterSecs }: Taken): Problem {
  return new Problem('rate_limited', `${what}: at most ${limit} a minute`, { limit, retryAfterSecs });
}

/** Of IPv6 the first half: whoever has one address of it has all of them. */
function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  const after = (tail ?? '').split(':').filter((group) => group !== '').length;
  if (tail !== undefined) while (groups.length + after < 8) groups.push('0');
  return [...groups, ...(tail ?? '').split(':')].slice(0, 4).join(':');
}
