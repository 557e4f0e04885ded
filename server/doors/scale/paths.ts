import type { Request, RequestHandler } from 'express';
import { setRefusalShape } from '../../http/refusal.ts';
import { serverAddress } from '../../http/serverAddress.ts';
import { refusal } from './answer.ts';

/**
 * All that may be this interface's, by its first part; the rest of the server is not held up by more than that. A router
 * does not look at the case of a path either.
 */
const beginning = /^\/(?:api|v\d{1,9}|job-executions|queue|nodes|job-types|errors|status|version)(?=[/?]|$)/i;
/** `/api`, a version, both or none, and the path behind them. */
const parts = /^(\/api)?(\/v\d{1,9})?(?:(\/[^?]*))?(\?.*)?$/is;
const usualVersion = '/v3';
const versions: ReadonlySet<string> = new Set([usualVersion, '/v6']);
/** Of other interfaces, where nothing stands in front of them. */
const foreign: ReadonlySet<string> = new Set(['/v1', '/v2']);

/** How a request of this interface was addressed. */
export interface Address {
  /** Scheme and host, and what stands before every path of this server; without a slash at its end. */
  server: string;
  /** `/api`, `/v3`, `/api/v6` …, or nothing: what the client puts before all paths of this interface. */
  prefix: string;
  /** The whole path, as the client wrote it. */
  path: string;
}

const addresses = new WeakMap<Request, Address>();

/**
 * Gives every address of this interface its one form, which its routes have: `/v3/…/` or `/v6/…/`. A GET without the
 * slash at its end is sent to the address with it. To be asked before all routes.
 */
export function scalePaths(publicUrl: URL | undefined): RequestHandler {
  return (request, response, next) => {
    const asked = beginning.test(request.url) ? partsOf(request.url) : undefined;
    if (!asked || foreign.has(asked.prefix.toLowerCase())) return next();
    setRefusalShape(response, refusal);
    const { prefix, version, rest, query } = asked;
    const path = prefix + rest;
    if (!path.endsWith('/') && (request.method === 'GET' || request.method === 'HEAD'))
      return response.redirect(301, `${path}/${query}`);
    addresses.set(request, { server: serverAddress(request, publicUrl), prefix, path });
    if (versions.has(version)) request.url = `${version}${withSlash(rest)}${query}`;
    return next();
  };
}

interface Asked {
  prefix: string;
  version: string;
  rest: string;
  query: string;
}

function partsOf(url: string): Asked | undefined {
  const found = parts.exec(url);
  if (!found) return undefined;
  const [, api = '', version = '', rest = '', query = ''] = found;
  return { prefix: api + version, version: version.toLowerCase() || usualVersion, rest, query };
}

/** An Error where `scalePaths` did not see the request. */
export function addressOf(request: Request): Address {
  const address = addresses.get(request);
  if (!address) throw new Error('the address of this request was never looked at');
  return address;
}

/** The whole address of something of this interface, in the way that the client addresses it: of `/nodes/1/`. */
export function linkTo(request: Request, path: string): string {
  const { server, prefix } = addressOf(request);
  return server + prefix + path;
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
