import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';
import { sameSecret } from '../http/compare.ts';
import type { Keyring } from '../room/keys/keyring.ts';
import { keyPrefix } from '../room/keys/keyText.ts';
import { Problem } from '../words/problems.ts';
import type { Identity } from '../words/scopes.ts';
import type { Limits } from './limits.ts';
import type { Sessions } from './session.ts';

/** Who is the administrator: what the configuration sets, read once. */
export interface Credentials {
  basic: { username: string; password: string } | undefined;
  token: string | undefined;
}

export interface AccessRules {
  credentials: Credentials;
  keyring: Keyring;
  sessions: Sessions;
  limits: Limits;
  /** Whether the server is reached from its own machine only. */
  isLocal: boolean;
  /** The address that the outside knows this server by, where one is set. */
  publicUrl: URL | undefined;
  /** Who somebody without a credential is, where the settings open what he asks for to his network. */
  guestOf?(request: Request): Identity | undefined;
}

/** The parts of a request that decide about it; of an upgrade as of any other. */
export interface Caller {
  method: string;
  headers: IncomingHttpHeaders;
  /** Where the connection comes from. */
  address: string | undefined;
}

/** A user name and a password with a ":" between them, or a token. */
export type Given = { pair: string } | { token: string };

const admin: Identity = { kind: 'admin' };
const adminSubject = 'admin';

/**
 * Whether whoever reaches the server is its administrator: on loopback, while no credential is set and no key was ever
 * made. A key that was revoked or has expired does not open it again.
 */
export async function isOpen({ isLocal, credentials, keyring }: AccessRules): Promise<boolean> {
  const { basic, token } = credentials;
  return isLocal && basic === undefined && token === undefined && !(await keyring.hasKeys());
}

/**
 * Refuses what a foreign page made a browser send, and, while the server is open, names that are not loopback's
 * (a foreign name that leads here is how a page gets around its own origin). Throws a Problem.
 */
export function refuseForeign(caller: Caller, publicUrl: URL | undefined, isOpenServer: boolean): void {
  const { origin, host } = caller.headers;
  if (origin !== undefined && !isOurs(origin, host, publicUrl))
    throw new Problem('cross_site', `requests from ${origin.slice(0, 200)} are not taken`);
  if (caller.headers['sec-fetch-site'] === 'cross-site' && !isVisit(caller))
    throw new Problem('cross_site', 'requests that another site makes are not taken');
  if (isOpenServer && !isLoopbackName(host) && host !== publicUrl?.host)
    throw new Problem(
      'wrong_host',
      'set credentials or DOCKER_BUILDER_PUBLIC_URL to use the server by this name',
    );
}

/** Who asks. Throws a Problem (401, or 429 for somebody who guesses) where it is nobody that is known. */
export async function identify({ headers, address }: Caller, rules: AccessRules): Promise<Identity> {
  if (await isOpen(rules)) return admin;
  const given = headers.authorization === undefined ? undefined : givenIn(headers.authorization);
  const identity = given
    ? await recognise(given, address, rules)
    : await ofSession(rules.sessions.subjectOf(headers.cookie), rules);
  if (identity) return identity;
  if (given && 'token' in given && given.token.startsWith(keyPrefix))
    throw new Problem('unauthorized', 'invalid api key');
  throw new Problem(
    'unauthorized',
    'invalid or missing api key: send one as Bearer, or log in with the user name and password',
  );
}

/** What a session is opened for. Throws a Problem as `identify` does. */
export async function subjectOf(
  given: Given,
  address: string | undefined,
  rules: AccessRules,
): Promise<string> {
  const identity = await recognise(given, address, rules);
  if (!identity) throw new Problem('unauthorized', 'the user name and password, or the token, are not right');
  return identity.kind === 'key' ? identity.keyId : adminSubject;
}

async function ofSession(
  subject: string | undefined,
  { keyring }: AccessRules,
): Promise<Identity | undefined> {
  if (subject === adminSubject) return admin;
  return subject === undefined ? undefined : keyring.identifyById(subject);
}

async function recognise(
  given: Given,
  address: string | undefined,
  { credentials, keyring, limits }: AccessRules,
): Promise<Identity | undefined> {
  // Keys cannot be guessed: whoever has one comes in, whatever his neighbours try.
  const key = 'token' in given ? await keyring.identify(given.token) : undefined;
  if (key) return key;
  await limits.refuseGuesser(address);
  if (isAdministrator(given, credentials)) return admin;
  await limits.countFailure(address);
  return undefined;
}

function isAdministrator(given: Given, { basic, token }: Credentials): boolean {
  if ('token' in given) return token !== undefined && sameSecret(given.token, token);
  return basic !== undefined && sameSecret(given.pair, `${basic.username}:${basic.password}`);
}

/** A scheme that is not known is taken as an empty token: it is nobody's. */
function givenIn(header: string): Given {
  const [scheme = '', value = ''] = header.split(' ', 2);
  if (/^basic$/i.test(scheme)) return { pair: Buffer.from(value, 'base64').toString('utf8') };
  return { token: /^bearer$/i.test(scheme) ? value : '' };
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
