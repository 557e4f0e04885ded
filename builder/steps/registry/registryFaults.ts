import { cutText } from '../../model/cutText.ts';
import { BuildFault, type Reason } from '../../model/faults.ts';
import type { Phase } from '../../model/spec.ts';

interface RegistryFaultDetails {
  /** `push` where nothing is said. */
  phase?: Phase;
  cause?: unknown;
  retryAfterMs?: number | undefined;
  isFinal?: boolean;
}

/** A registry did not do what it was asked for. */
export class RegistryFault extends BuildFault {
  /** How long it wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** It was tried long enough for now. */
  readonly isFinal: boolean;

  constructor(reason: Reason, sentence: string, details: RegistryFaultDetails = {}) {
    super(reason, sentence, { phase: details.phase ?? 'push', cause: details.cause });
    this.name = 'RegistryFault';
    this.retryAfterMs = details.retryAfterMs;
    this.isFinal = details.isFinal ?? false;
  }
}

const unknownName = /name unknown|name not known|404 not found|HTTP 404/i;

/**
 * What the engine, 20.10 and newer, says of a registry; the first that fits. Where a registry gives only a code of the
 * distribution protocol, that is all the engine says: "denied".
 */
const complaints: [RegExp, Reason][] = [
  [/no space left on device/i, 'disk_full'],
  [
    /connection refused|connection reset|broken pipe|no such host|server misbehaving/i,
    'registry_unreachable',
  ],
  [/i\/o timeout|timeout exceeded|timeout awaiting|TLS handshake timeout/i, 'registry_unreachable'],
  [/no route to host|network is unreachable|temporary failure|connection timed out/i, 'registry_unreachable'],
  [/\bEOF$|http2: |server closed idle connection|request canceled/i, 'registry_unreachable'],
  [/(?:HTTP status:|request to|parsing HTTP)\s+5(?:0[0234]|2\d)\b/i, 'registry_unreachable'],
  [/toomanyrequests|too many requests|HTTP 429/i, 'registry_unreachable'],
  // What a registry forgot that was started anew in the middle of an upload.
  [/blob upload (?:unknown|invalid)/i, 'registry_unreachable'],
  // The tag is there and may not be moved, which Docker Hub calls "denied".
  [/immutable|cannot be overwritten/i, 'push_failed'],
  // "unauthorized to access repository" is said of a credential that the registry knows.
  [/no basic auth credentials|unauthorized(?!.*access)/i, 'registry_auth'],
  [/\bdenied\b|insufficient_scope|unauthorized|403 forbidden|HTTP 403/i, 'registry_denied'],
  [unknownName, 'registry_denied'],
];

/**
 * The fault that the engine's words about a push mean. `retried`: it had tried for 50 s by itself, so that to begin
 * again at once is no use.
 */
export function pushFault(
  name: string,
  message: string,
  { hasCredential, retried }: { hasCredential: boolean; retried: boolean },
): RegistryFault {
  const said = cutText(message);
  // Names in an address prove nothing.
  const words = said.replaceAll(/https?:\/\/\S+/g, '');
  const known = complaints.find(([pattern]) => pattern.test(words))?.[1] ?? 'push_failed';
  const reason = unknownName.test(words) ? known : withoutCredential(known, hasCredential);
  const why = reason === 'registry_auth' && !hasCredential ? `${said} (${noCredential})` : said;
  return new RegistryFault(reason, `${name} could not be pushed: ${why}`, { isFinal: retried });
}

/** What the engine says where a registry has no such image, or does not tell a stranger that it has one. */
const noSuchImage =
  /manifest unknown|manifest for .* not found|pull access denied|not found: does not exist/i;

/** The fault that the engine's words about the pull of a container's image mean. */
export function pullFault(name: string, message: string, hasCredential: boolean): RegistryFault {
  const said = cutText(message);
  const words = said.replaceAll(/https?:\/\/\S+/g, '');
  const known = complaints.find(([pattern]) => pattern.test(words))?.[1];
  const isAway = known === 'registry_unreachable' || known === 'disk_full' || known === 'registry_auth';
  const reason = isAway && !noSuchImage.test(words) ? known : 'image_not_found';
  const why = reason === 'registry_auth' && !hasCredential ? `${said} (${noCredential})` : said;
  return new RegistryFault(reason, `${name} could not be pulled: ${why}`, { phase: 'clone' });
}

/** The fault that an answer of a registry's HTTP API means; `said` is what it gave as its reason. */
export function answerFault(
  what: string,
  answer: { status: number; said: string; retryAfterMs?: number | undefined },
  hasCredential: boolean,
): RegistryFault {
  const { status, said, retryAfterMs } = answer;
  const reason = withoutCredential(reasonOfStatus(status), hasCredential);
  const sentence = `${what}: the registry answered ${status}${said === '' ? '' : `: ${said}`}`;
  return new RegistryFault(reason, sentence, { retryAfterMs });
}

function reasonOfStatus(status: number): Reason {
  if (status === 401) return 'registry_auth';
  if (status === 403 || status === 404) return 'registry_denied';
  if (status === 507) return 'push_failed';
  return status === 429 || status >= 500 ? 'registry_unreachable' : 'push_failed';
}

const noCredential = 'it was asked without a credential: there is none for its host here';

/** Docker Hub says "denied" to whoever does not say who he is. */
function withoutCredential(reason: Reason, hasCredential: boolean): Reason {
  return reason === 'registry_denied' && !hasCredential ? 'registry_auth' : reason;
}
