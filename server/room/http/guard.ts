import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import { addressProblem, hostOf, isPublicAddress } from '../../words/endpointAddress.ts';
import type { Room } from '../room.ts';
import { EndpointFault } from './endpointFault.ts';

/** Every address of a name, in the order in which they are to be tried. Rejects where there is none. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** How long a name may take to resolve when a job is made; later the connection is guarded anyway. */
const patienceMs = 3000;
const connectMs = 10_000;

/** The resolver of the system, which knows /etc/hosts too. */
export const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });

/**
 * What is wrong with the address of an endpoint, its host looked up; undefined where nothing is. A name that does not
 * resolve is none of its mistakes: it may do so tomorrow, and each connection is guarded again.
 */
export async function endpointProblem(
  { policy }: Pick<Room, 'policy'>,
  url: string,
  resolve: Resolve = resolveBySystem,
): Promise<string | undefined> {
  const { allowPrivate } = policy();
  const problem = addressProblem(url, allowPrivate);
  if (problem !== undefined || allowPrivate) return problem;
  const host = hostOf(new URL(url));
  const patience = new AbortController();
  const nothing = pause(patienceMs, [], { signal: patience.signal, ref: false });
  const addresses = await Promise.race([resolve(host).catch(() => []), nothing.catch(() => [])]);
  patience.abort();
  return privateAmong(host, addresses);
}

/**
 * Makes connections to the public internet only: a name is resolved once, all of its addresses are checked, and only
 * they are connected to, so that no second answer of the resolver counts.
 */
export function guardedConnector(allowPrivate: boolean, resolve: Resolve): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    timeout: connectMs,
    autoSelectFamily: true,
    lookup: guardedLookup(allowPrivate, resolve),
  });
  return (options, callback) => {
    // An address is not looked up, so it is checked here.
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
      queueMicrotask(() => callback(refused(host, host), null));
    else connect(options, callback);
  };
}

function guardedLookup(allowPrivate: boolean, resolve: Resolve): LookupFunction {
  const addressesOf = callbackify(async (host: string) => {
    const addresses = await resolve(host);
    const bad = allowPrivate ? undefined : addresses.find(({ address }) => !isPublicAddress(address));
    if (bad) throw refused(host, bad.address);
    return addresses;
  });
  return (host, options, callback) => {
    addressesOf(host, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) callback(error ?? new Error(`${host} has no address`), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function privateAmong(host: string, addresses: readonly LookupAddress[]): string | undefined {
  const bad = addresses.find(({ address }) => !isPublicAddress(address));
  return bad && `host ${host} resolves to the private or reserved address ${bad.address}`;
}

function refused(host: string, address: string): EndpointFault {
  const what = host === address ? 'is' : `resolves to ${address},`;
  return new EndpointFault(
    'endpoint_refused',
    `endpoint refused: ${host} ${what} a private or reserved address`,
  );
}
