import {
  type AllowedSource,
  checkSourceUrl,
  fillSourceTemplate,
  isSameServer,
  parseSourceUrl,
  templateServer,
} from '../builder/model/sourceUrl.ts';
import type { Credential } from '../builder/model/spec.ts';
import { accessPolicyOf } from './accessPolicy.ts';
import { allowedServers, sourceTemplate } from './config/sources.ts';
import type { Configuration, ConfigurationState, Resolved } from './configuration.ts';
import type { Policy } from './room/room.ts';

/** Longest time git may take for one source, in milliseconds. */
const gitTimeoutMs = 15 * 60_000;

/** Of a builder that has no address of its own. */
const nobodysName = 'urn:docker-builder';

/** An endpoint that says that it is alive does so every ten seconds. */
const silenceMs = 60_000;

/** GitHub, GitLab and Gitea take any user name beside a token; this is the one that GitHub names. */
const tokenUser = 'x-access-token';

/** What the room asks of the configuration, as it is now. */
export function policyOf(configuration: Configuration): Policy {
  const { environment, current } = configuration;
  const { limits } = current.settings;
  return {
    sourceUrl: (account, repo) => sourceUrl(configuration, account, repo),
    checkedSource: (url) => checkSourceUrl(url, allowedSources(configuration)).url,
    sourceCredential: (url, token) => sourceCredential(configuration, url, token),
    secrets: () => buildSecrets(configuration),
    access: () => accessPolicyOf(configuration),
    builderId: environment.publicUrl?.href ?? nobodysName,
    maxAttempts: limits.attempts,
    timeoutSecs: environment.timeoutSecs,
    leaseMs: environment.leaseMs,
    contextBytes: limits.contextBytes,
    contextEntries: limits.contextEntries,
    gitTimeoutMs,
    buildMemoryBytes: limits.buildMemoryBytes,
    buildCpus: limits.buildCpus,
    archiveAfterMs: environment.archiveAfterMs,
    allowPrivate: environment.allowPrivate,
    httpSlots: environment.httpSlots,
    silenceMs,
    webhookTries: limits.webhookTries,
    missedTicks: limits.missedTicks,
    retention: current.settings.retention,
  };
}

/** Of each state of the settings: every request that builds asks for them. */
const serversOf = new WeakMap<Resolved, AllowedSource[]>();

/** The git servers that may be asked. */
export function allowedSources({ environment, current }: Configuration): AllowedSource[] {
  const servers = serversOf.get(current) ?? allowedServers(environment.gitUrl, current.settings);
  serversOf.set(current, servers);
  return servers;
}

function sourceUrl(configuration: Configuration, account: string, repo: string): string {
  const { environment, current } = configuration;
  const template = sourceTemplate(environment.gitUrl, current.settings, account, repo);
  return checkSourceUrl(fillSourceTemplate(template, { account, repo }), allowedSources(configuration)).url;
}

/** The request's own token first, then what the settings say of the host, then the token for GIT_URL's server. */
function sourceCredential(
  configuration: Configuration,
  url: string,
  token: string | undefined,
): Credential | undefined {
  const { environment, current } = configuration;
  if (token !== undefined) return { username: tokenUser, password: token };
  const address = parseSourceUrl(url);
  const known = current.credentials.get(address.host);
  if (known) return known;
  if (environment.gitToken === undefined || !isSameServer(templateServer(environment.gitUrl), address))
    return undefined;
  return { username: tokenUser, password: environment.gitToken };
}

/** Values that no log of a build may show. */
export function buildSecrets({ environment, current }: ConfigurationState): string[] {
  const { token, basic, gitToken, github, travis, secretKey, registry } = environment;
  const single = [
    token,
    basic?.password,
    gitToken,
    github.secret,
    travis.token,
    secretKey,
    registry?.password,
  ];
  const ofHosts = [...current.credentials.values()].map(({ password }) => password);
  const ofRegistries = current.registries.map(({ credential }) => credential?.password);
  return [...single, ...ofHosts, ...ofRegistries, ...current.secrets.values()].filter(
    (secret) => secret !== undefined,
  );
}
