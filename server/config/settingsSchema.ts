import { z } from 'zod';
import { BuildFault } from '../../builder/model/faults.ts';
import { type AllowedSource, parseSourceUrl, sourceSchemes } from '../../builder/model/sourceUrl.ts';
import { mostRunning, queueName, queueNameRule } from '../words/queue.ts';
import { missedTicks } from '../words/ticks.ts';
import { readGitUrl } from './gitUrl.ts';
import { ConfigError, type Mistake } from './mistakes.ts';
import { pullRequests, registry, secret } from './accessSchema.ts';
import { engine } from './engineSchema.ts';
import { barbeque, open } from './openSchema.ts';
import { reference } from './reference.ts';
import { retention } from './retentionSchema.ts';

const wholeNumber = z.number().int();
const rate = wholeNumber.min(0).max(1_000_000);

const allowed = z
  .strictObject({ scheme: z.enum(sourceSchemes), host: z.string() })
  .transform(({ scheme, host }, context): AllowedSource => {
    const server = readServer(`${scheme}://${host}`);
    if (server) return server;
    context.addIssue({
      code: 'custom',
      message: 'must be a host name, with a port if need be',
      path: ['host'],
    });
    return z.NEVER;
  });

const template = z
  .strictObject({
    /** Matched exactly. Without `repo` it is for all repositories of the account. */
    account: z.string().min(1),
    repo: z.string().min(1).optional(),
    /** May hold `{account}` and `{repo}`. Its server is allowed as a source. */
    url: z.string(),
  })
  .superRefine(({ repo, url }, context) => {
    const problem = readGitUrl(url, repo === undefined ? ['{repo}'] : []);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: ['url'] });
  });

const credential = z.strictObject({
  /** With the port, where it is not the scheme's own. */
  host: z
    .string()
    .refine((host) => readServer(`https://${host}`), 'must be a host name, with a port if need be')
    .toLowerCase(),
  username: z.string().min(1),
  password: reference,
});

const limits = z.strictObject({
  contextBytes: wholeNumber.min(1024).default(2 * 1024 ** 3),
  contextEntries: wholeNumber.min(1).default(500_000),
  logBytes: wholeNumber.min(1024 ** 2).default(256 * 1024 ** 2),
  /** Of a build's RUN steps; Docker takes no less than 6 MiB. */
  buildMemoryBytes: wholeNumber.min(6 * 1024 ** 2).optional(),
  buildCpus: z.number().positive().max(1024).optional(),
  /** Tries of a run, the first included. */
  attempts: wholeNumber.min(1).max(100).default(3),
  /** Tries of an outgoing webhook, the first included. */
  webhookTries: wholeNumber.min(1).max(20).default(6),
  /** Of an API key. 0 is no limit, here and in the next two. */
  requestsPerMinute: rate.default(0),
  /** Of an API key. */
  triggersPerMinute: rate.default(600),
  /** Of an address that shows wrong passwords, tokens or keys. */
  failedLoginsPerMinute: rate.default(60),
  /** What becomes of the ticks of schedules while no server ran: the last one is made up for, or none. */
  missedTicks: z.enum(missedTicks).default('one'),
});

/** A line that runs wait in. One that is not named here has no cap and is not paused. */
const queue = z.strictObject({
  name: z.string().regex(queueName, queueNameRule),
  /** Nothing of it is started. */
  paused: z.boolean().default(false),
  /** Attempts that may run at once, on all engines and endpoints together. */
  maxRunning: wholeNumber.min(1).max(mostRunning).optional(),
});

const schema = z.strictObject({
  engines: unique(z.array(engine), 'name').default([]),
  sources: z
    .strictObject({
      allowed: z.array(allowed).default([]),
      templates: z.array(template).default([]),
      credentials: unique(z.array(credential), 'host').default([]),
    })
    .prefault({}),
  secrets: unique(z.array(secret), 'name').default([]),
  registries: z.array(registry).default([]),
  pullRequests: z.array(pullRequests).default([]),
  limits: limits.prefault({}),
  retention: retention.prefault({}),
  queues: unique(z.array(queue), 'name').default([]),
  barbeque: barbeque.prefault({}),
  open: open.prefault({}),
});

/** DATA/settings.json, with a default for all that it does not say. Holds references to secrets, never secrets. */
export type Settings = z.output<typeof schema>;

/** As people write it. */
export type SettingsDraft = z.input<typeof schema>;

export interface CheckedSettings {
  draft: SettingsDraft;
  settings: Settings;
}

/** Throws a ConfigError with every mistake and its path, e.g. `engines[0].address`. */
export function checkSettings(raw: unknown): CheckedSettings {
  const checked = schema.safeParse(raw);
  if (!checked.success) throw new ConfigError(checked.error.issues.flatMap(toMistakes));
  // What passes the schema has the type of what goes into it.
  return { draft: raw as SettingsDraft, settings: checked.data };
}

function toMistakes(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      place: pathText([...issue.path, key]),
      problem: 'is not known; remove it',
    }));
  const problem = issue.message.endsWith(', received undefined') ? 'is required' : issue.message;
  return [{ place: pathText(issue.path), problem }];
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'the whole';
}

/** Looks also at a list of which some entry has a mistake, so that all are told at once. */
function unique<T extends z.ZodType<Record<K, string>[]>, K extends string>(list: T, key: K): T {
  const isList = { when: ({ value }: { value: unknown }): boolean => Array.isArray(value) };
  return list.superRefine((entries, context) => {
    const names = entries.map((entry: Partial<Record<K, string>> | null) => entry?.[key]);
    for (const [i, name] of names.entries())
      if (name !== undefined && names.indexOf(name) < i)
        context.addIssue({ code: 'custom', message: 'is there twice', path: [i, key] });
  }, isList);
}

function readServer(origin: string): AllowedSource | undefined {
  try {
    const { scheme, host, path } = parseSourceUrl(`${origin}/x`);
    return path === '/x' ? { scheme, host } : undefined;
  } catch (error) {
    if (error instanceof BuildFault) return undefined;
    throw error;
  }
}
