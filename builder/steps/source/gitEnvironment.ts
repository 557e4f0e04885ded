import type { Credential } from '../../model/spec.ts';

/** Variables of the server that git may see: where programs, certificates, proxies and the ssh agent are. */
const passedOn = [
  'PATH',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSH_AUTH_SOCK',
] as const;

/** Findings of fsck that old repositories have by the thousand and that harm nobody. */
const harmlessFindings = [
  'zeroPaddedFilemode',
  'missingSpaceBeforeDate',
  'badTimezone',
  'badDateOverflow',
  'missingEmail',
  'missingSpaceBeforeEmail',
  'missingNameBeforeEmail',
  'badName',
  'multipleAuthors',
  'nullSha1',
];

export type ConfigEntry = readonly [key: string, value: string];

/** Where a credential may go, and nowhere else. */
export interface Access {
  origin: string;
  credential: Credential;
}

export interface GitSettings {
  /** An empty folder. */
  home: string;
  /** Variables of the server, of which only a few are passed on. */
  environment: Readonly<Record<string, string | undefined>>;
  /** git gives up a transfer in which nothing came for this long. */
  lowSpeedSecs: number;
}

/** The whole environment of a git that must obey no file but its own repository's config. */
export function baseEnvironment({ home, environment, lowSpeedSecs }: GitSettings): Record<string, string> {
  const kept = passedOn.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'http:https:ssh',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_SSH_COMMAND: `ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=${lowSpeedSecs} -o ServerAliveCountMax=1`,
  };
}

/** Settings that no repository may override: they travel in the environment, which is stronger than any file. */
export function safeConfig(lowSpeedSecs: number): ConfigEntry[] {
  return [
    ['core.hooksPath', '/dev/null'],
    ['protocol.ext.allow', 'never'],
    ['protocol.file.allow', 'never'],
    ['transfer.fsckObjects', 'true'],
    ...harmlessFindings.map((finding): ConfigEntry => [`fetch.fsck.${finding}`, 'ignore']),
    ['fetch.recurseSubmodules', 'false'],
    ['submodule.recurse', 'false'],
    // A followed redirect would carry the credential to another host.
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(lowSpeedSecs)],
    // Clean-up in the background would leave the process group.
    ['gc.autoDetach', 'false'],
    ['maintenance.autoDetach', 'false'],
    ['init.defaultBranch', 'main'],
  ];
}

/** The credential as a header that git sends to `origin` only. */
export function accessConfig({ origin, credential }: Access): ConfigEntry {
  const basic = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  return [`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`];
}

/** git's way to read settings from the environment. */
export function configEnvironment(entries: readonly ConfigEntry[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [index, [key, value]] of entries.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return variables;
}
