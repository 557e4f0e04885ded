import { z } from 'zod';
import { databaseProblem } from './database.ts';
import { readGitUrl } from './gitUrl.ts';
import { labelsProblem, memberName, readLabels } from './member.ts';
import { type Role, roles } from '../words/member.ts';
import type { ServerVariable } from './variables.ts';

// The names of the original, and pino's.
const logLevels = {
  debug: 'debug',
  d: 'debug',
  info: 'info',
  i: 'info',
  warn: 'warn',
  warning: 'warn',
  w: 'warn',
  error: 'error',
  e: 'error',
  fatal: 'fatal',
  f: 'fatal',
  panic: 'fatal',
  p: 'fatal',
} as const;
const logFormats = {
  text: 'text',
  t: 'text',
  'force-color': 'text',
  fc: 'text',
  json: 'json',
  j: 'json',
} as const;

const roleNames = Object.fromEntries(roles.map((role) => [role, role])) as { [R in Role]: R };

const onOff = z.stringbool({ error: 'must be true or false' }).default(false);
const word = z.string().regex(/^[\x21-\x7e]+$/, 'must be made of printable ASCII characters without spaces');
const listenName = z
  .string()
  .regex(/^(?:[a-z0-9.-]+|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?)$/i, 'must be an address or a host name');
const secretKey = z
  .string()
  .regex(
    /^(?:[0-9a-f]{64}|[A-Za-z0-9+/_-]{43}=?)$/i,
    'must be 64 hex digits, or base64 of 32 bytes (openssl rand -hex 32)',
  );

const registryHost = z
  .string()
  .regex(/^[a-z0-9.[\]:-]+$/i, 'must be a host name, with a port if need be')
  .toLowerCase();

/** The server's variables by their names without the prefix, as texts; gives what they mean. */
export const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535).default(5000),
  LISTEN: listenName.transform((text) => text.replace(/^\[(.*)\]$/, '$1')).default('127.0.0.1'),
  DATA: z.string().default('./data'),
  DATABASE: z.string().transform(asDatabase).optional(),
  ROLE: oneOf(roleNames).default('all'),
  NAME: memberName.optional(),
  LABELS: z.string().transform(asLabels).default({}),
  TOKEN: word.optional(),
  GIT_URL: z.string().transform(asGitUrl).default('https://github.com/{account}/{repo}.git'),
  APITOKEN: word.optional(),
  USERNAME: z
    .string()
    .regex(/^[^:]+$/, 'must not have a ":" in it')
    .optional(),
  PASSWORD: z.string().optional(),
  GITHUBSECRET: z.string().optional(),
  TRAVISTOKEN: z.string().optional(),
  NOGITHUB: onOff,
  NOTRAVIS: onOff,
  SKIPPUSH: onOff,
  LOGLEVEL: oneOf(logLevels).default('info'),
  LOGFORMAT: oneOf(logFormats).optional(),
  PUBLIC_URL: z.string().transform(asPublicUrl).optional(),
  SLEEPTIME: wholeNumber(0, 1e9).default(0),
  GRACE: wholeNumber(0, 86_400).default(30),
  DRAIN: wholeNumber(0, 3600).default(0),
  TIMEOUT: wholeNumber(1, 604_800).default(1800),
  LEASE: wholeNumber(1, 3600).default(60),
  CONCURRENCY: wholeNumber(1, 1000).optional(),
  HTTPCONCURRENCY: wholeNumber(1, 1000).default(64),
  ALLOW_PRIVATE: onOff,
  SECRETKEY: secretKey.optional(),
  CFGUN: z.string().optional(),
  CFGPASS: z.string().optional(),
  CFGEMAIL: z.string().optional(),
  CFGHOST: registryHost.default('docker.io'),
} satisfies Record<ServerVariable, z.ZodType>);

export type LogLevel = (typeof logLevels)[keyof typeof logLevels];

function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  const problem = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, problem)
    .transform(Number)
    .refine((number) => number >= least && number <= most, problem);
}

function oneOf<const T extends Readonly<Record<string, string>>>(names: T): z.ZodType<T[keyof T], string> {
  const problem = `must be one of ${Object.keys(names).join(', ')}`;
  return z.string().transform((text, context) => {
    for (const name in names) if (name === text.toLowerCase()) return names[name];
    context.addIssue(problem);
    return z.NEVER;
  });
}

function asGitUrl(text: string, context: z.RefinementCtx): string {
  const problem = readGitUrl(text);
  if (problem !== undefined) context.addIssue(problem);
  return text;
}

function asDatabase(text: string, context: z.RefinementCtx): string {
  const problem = databaseProblem(text);
  if (problem !== undefined) context.addIssue(problem);
  return text;
}

function asLabels(text: string, context: z.RefinementCtx): Readonly<Record<string, string>> {
  const labels = readLabels(text);
  const problem = labelsProblem(labels);
  if (problem !== undefined) context.addIssue(problem);
  return labels ?? {};
}

function asPublicUrl(text: string, context: z.RefinementCtx): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username + url.password === '')
    return url;
  context.addIssue('must be an http or https address without user, query and fragment');
  return z.NEVER;
}
