import type { RegistryCredential } from '../../model/access.ts';
import { asRecord, asText } from '../engine/answers.ts';
import { type Answer, exchange, type Question } from './exchange.ts';
import { answerFault, RegistryFault } from './registryFaults.ts';

export interface TokenOrder {
  /** The token server, which must be one that the credential may go to. */
  realm: URL;
  service: string | undefined;
  /** E.g. `repository:acme/app:pull,push`. */
  scope: string;
  login: { credential: RegistryCredential; basic: string | undefined } | undefined;
  signal: AbortSignal;
}

const clientId = 'docker-builder';

/**
 * A token by the protocol of the distribution registries: with a password by GET, with an identity token by OAuth 2. Rejects
 * with a RegistryFault, or with the signal's reason.
 */
export async function fetchToken(order: TokenOrder): Promise<string> {
  const { realm, login, signal } = order;
  const answer = await exchange(questionOf(order), signal);
  const what = `no token from ${realm.host}`;
  if (answer.status !== 200)
    throw answerFault(what, { status: answer.status, said: '' }, login !== undefined);
  const token = tokenIn(answer);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new RegistryFault('registry_auth', `${what}: it sent none`);
  return token;
}

function questionOf({ realm, service, scope, login }: TokenOrder): Question {
  const asked = new URLSearchParams({ ...(service !== undefined && { service }), scope });
  const { credential, basic } = login ?? {};
  if (credential && 'identityToken' in credential) {
    asked.append('grant_type', 'refresh_token');
    asked.append('refresh_token', credential.identityToken);
    asked.append('client_id', clientId);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: asked.toString() };
  }
  const url = new URL(realm);
  for (const [name, value] of asked) url.searchParams.append(name, value);
  return { method: 'GET', url, headers: basic === undefined ? {} : { authorization: basic } };
}

function tokenIn({ body }: Answer): string {
  try {
    const { token, access_token: accessToken } = asRecord(JSON.parse(body.toString()));
    return asText(token) || asText(accessToken);
  } catch {
    return '';
  }
}
