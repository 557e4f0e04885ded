import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import { isPublicAddress } from '../../words/endpointAddress.ts';
import { EndpointFault } from './endpointFault.ts';
import type { Resolve } from './guard.ts';

const connectMs = 10_000;

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

function refused(host: string, address: string): EndpointFault {
  const what = host === address ? 'is' : `resolves to ${address},`;
  return new EndpointFault(
    'endpoint_refused',
    `endpoint refused: ${host} ${what} a private or reserved address`,
  );
}
