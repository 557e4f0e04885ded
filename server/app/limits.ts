import { isIPv6 } from 'node:net';
import type { Response } from 'express';
import { setAllowance } from '../http/allowance.ts';
import { Problem } from '../words/problems.ts';
import type { Identity } from '../words/scopes.ts';
import { type Buckets, createBuckets, type Taken } from './buckets.ts';

/** What is allowed in a minute; 0 is no limit. */
export interface Rates {
  /** Of a key. */
  requestsPerMinute: number;
  /** Of a key: what makes a run. */
  triggersPerMinute: number;
  /** Of an address: wrong passwords, tokens and keys. */
  failedLoginsPerMinute: number;
}

/** Bounds what keys do, and how often passwords are guessed. The administrator is not bounded. */
export interface Limits {
  /** Counts a request. Throws a Problem (429) where its key made too many; `response` is undefined for a websocket. */
  countRequest(identity: Identity, response: Response | undefined): void;
  /** Throws a Problem (429) where this address guessed wrong too often: then nothing is even compared. */
  refuseGuesser(address: string | undefined): void;
  /** Counts a wrong guess. Throws a Problem (429) where there were too many. */
  countFailure(address: string | undefined): void;
}

export function createLimits(rates: () => Rates, buckets: Buckets = createBuckets()): Limits {
  function guess(address: string | undefined, cost: number): void {
    const limit = rates().failedLoginsPerMinute;
    if (limit === 0) return;
    const taken = buckets.take(`login ${networkOf(address ?? '')}`, limit, cost);
    if (!taken.granted) throw tooMany('too many failed logins from this address', limit, taken);
  }

  function takeTrigger(keyId: string, response: Response): void {
    const limit = rates().triggersPerMinute;
    if (limit === 0) return;
    const taken = buckets.take(`trigger ${keyId}`, limit, 1);
    tell(response, limit, taken);
    if (!taken.granted) throw tooMany('too many triggers with this key', limit, taken);
  }

  function owe(keyId: string, triggers: number, response: Response): void {
    const limit = rates().triggersPerMinute;
    if (limit > 0) tell(response, limit, buckets.owe(`trigger ${keyId}`, limit, triggers));
  }

  return {
    refuseGuesser: (address) => guess(address, 0),
    countFailure: (address) => guess(address, 1),
    countRequest(identity, response) {
      if (identity.kind === 'admin') return;
      const keyId = identity.kind === 'key' ? identity.keyId : `network ${networkOf(identity.address)}`;
      const limit = rates().requestsPerMinute;
      if (limit > 0) {
        const taken = buckets.take(`request ${keyId}`, limit, 1);
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
