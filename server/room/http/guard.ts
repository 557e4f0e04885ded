import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { setTimeout as pause } from 'node:timers/promises';
import { addressProblem, hostOf, isPublicAddress } from '../../words/endpointAddress.ts';
import type { Room } from '../room.ts';

/** Every address of a name, in the order in which they are to be tried. Rejects where there is none. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** How long a name may take to resolve when a job is made; later the connection is guarded anyway. */
const patienceMs = 3000;

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

function privateAmong(host: string, addresses: readonly LookupAddress[]): string | undefined {
  const bad = addresses.find(({ address }) => !isPublicAddress(address));
  return bad && `host ${host} resolves to the private or reserved address ${bad.address}`;
}
