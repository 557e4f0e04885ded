import { type BlockList, isIPv6 } from 'node:net';
import type { Request } from 'express';
import { addressesOf } from './config/openSchema.ts';
import type { Settings } from './config/settingsSchema.ts';
import type { ConfigurationState } from './configuration.ts';
import { isBarbeque } from './doors/barbeque/entry.ts';
import type { Identity } from './words/scopes.ts';

/** Of each state of the settings: every request of that interface asks for them. */
const opened = new WeakMap<Settings, BlockList>();

/**
 * Tells who somebody without a credential is. The address is that of the connection: what a proxy says of others is not
 * believed. A page in a browser is nobody's guest: by a name of its own that leads here it would pass for one of ours,
 * and its browser stands in the network. Clients of this interface are programs, which send no Origin.
 */
export function guestsOf(configuration: ConfigurationState): (request: Request) => Identity | undefined {
  return (request) => {
    const { settings } = configuration.current;
    if (settings.open.barbeque.length === 0 || !isBarbeque(request)) return undefined;
    if (request.headers.origin !== undefined) return undefined;
    const address = (request.socket.remoteAddress ?? '').replace(/%.*$/, '');
    if (address === '' || !openTo(settings).check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
      return undefined;
    return { kind: 'network', address, project: null, scopes: ['jobs:trigger', 'runs:read'] };
  };
}

function openTo(settings: Settings): BlockList {
  const known = opened.get(settings) ?? addressesOf(settings.open.barbeque);
  opened.set(settings, known);
  return known;
}
