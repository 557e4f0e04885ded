import type { IncomingHttpHeaders } from 'node:http';
import { sameSecret } from '../http/compare.ts';
import { Problem } from '../words/problems.ts';
import type { Sessions } from './session.ts';

/** Who may come in: what the configuration sets, read once. */
export interface Credentials {
  basic: { username: string; password: string } | undefined;
  token: string | undefined;
}

export interface AccessRules {
  credentials: Credentials;
  sessions: Sessions;
  /** The address that the outside knows this server by, where one is set. */
  publicUrl: URL | undefined;
}

/** The parts of a request that decide about it; of an upgrade as of any other. */
export interface Caller {
  method: string;
  headers: IncomingHttpHeaders;
}

/**
 * Refuses what a foreign page made a browser send, and, while no credential is set, names that are not loopback's
 * (a foreign name that leads here is how a page gets around its own origin). Throws a Problem.
 */
export function refuseForeign(caller: Caller, { credentials, publicUrl }: AccessRules): void {
  const { origin, host } = caller.headers;
  if (origin !== undefined && !isOurs(origin, host, publicUrl))
    throw new Problem('cross_site', `requests from ${origin.slice(0, 200)} are not taken`);
  if (caller.headers['sec-fetch-site'] === 'cross-site' && !isVisit(caller))
    throw new Problem('cross_site', 'requests that another site makes are not taken');
  if (!isProtected(credentials) && !isLoopbackName(host) && host !== publicUrl?.host)
    throw new Problem(
      'wrong_host',
      'set credentials or DOCKER_BUILDER_PUBLIC_URL to use the server by this name',
    );
}

/** Whether the caller may do everything. While no credential is set, everybody on loopback may. */
export function isAdmitted({ headers }: Caller, { credentials, sessions }: AccessRules): boolean {
  if (!isProtected(credentials)) return true;
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ', 2);
  if (/^basic$/i.test(scheme)) return isBasic(value, credentials);
  if (/^bearer$/i.test(scheme))
    return credentials.token !== undefined && sameSecret(value, credentials.token);
  return sessions.isValid(headers.cookie);
}

export function isProtected({ basic, token }: Credentials): boolean {
  return basic !== undefined || token !== undefined;
}

export function isBasic(encoded: string, { basic }: Credentials): boolean {
  if (basic === undefined) return false;
  return sameSecret(Buffer.from(encoded, 'base64').toString('utf8'), `${basic.username}:${basic.password}`);
}

/** Somebody followed a link to a page: it shows nothing and does nothing by itself. */
function isVisit({ method, headers }: Caller): boolean {
  return (
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  );
}

function isOurs(origin: string, host: string | undefined, publicUrl: URL | undefined): boolean {
  if (origin === publicUrl?.origin) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

function isLoopbackName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}
