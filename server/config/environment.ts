import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import { environmentSchema, type LogLevel } from './environmentSchema.ts';
import { ConfigError, type Mistake } from './mistakes.ts';
import { isPostgresUrl } from '../words/postgresUrl.ts';
import { type Role, roles } from '../words/member.ts';
import { prefix, serverVariables, unknownVariables } from './variables.ts';

export interface Environment {
  /** 0 is any free port. */
  port: number;
  /** Address or name to listen on. */
  listen: string;
  dataFolder: string;
  /** Where the store is, where not in the data folder: `postgres://…`, or the path of a file or its folder. */
  database: string | undefined;
  /** What this process does of all that there is to do. */
  role: Role;
  /** What it is called among those that share the store; the machine's name where it is absent. */
  name: string | undefined;
  /** Added to those of all its engines. */
  labels: Readonly<Record<string, string>>;
  /** Whoever shows it as a bearer token may do everything. */
  token: string | undefined;
  basic: { username: string; password: string } | undefined;
  /** With `{account}` and `{repo}`. Its server is allowed as a source. */
  gitUrl: string;
  /** For the server of `gitUrl` only. */
  gitToken: string | undefined;
  /** Whether there are webhook routes, and what their senders must know. */
  github: { on: boolean; secret: string | undefined };
  travis: { on: boolean; token: string | undefined };
  skipPush: boolean;
  /** A level of pino. */
  logLevel: LogLevel;
  logFormat: 'text' | 'json';
  /** What the outside calls this server, without a path's end. */
  publicUrl: URL | undefined;
  /** Milliseconds after a run's end when its log is put away; 0 is never. */
  archiveAfterMs: number;
  /** Milliseconds that builds get to finish when the server is stopped. */
  graceMs: number;
  /** Milliseconds between the answer that it is not ready any more and the end of taking connections. */
  drainMs: number;
  /** Limit of an attempt where the job has none, in seconds. */
  timeoutSecs: number;
  leaseMs: number;
  /** Builds at once on an engine whose settings do not say. */
  slots: number;
  /** Endpoints that are called at once. */
  httpSlots: number;
  /** Endpoints may be in private networks, and on any port. */
  allowPrivate: boolean;
  /** As `loadSecretKey` takes it. */
  secretKey: string | undefined;
  /** Who we are for one registry, where the settings say nothing of it. */
  registry: RegistryLogin | undefined;
}

export interface RegistryLogin {
  /** With the port; `docker.io` is Docker Hub. */
  host: string;
  username: string;
  password: string;
  email: string | undefined;
}

/** What defaults depend on. */
export interface Machine {
  cores: number;
  /** Whether a person reads the output. */
  terminal: boolean;
}

/**
 * Reads the variables that begin with DOCKER_BUILDER_; an empty one is as good as none.
 * Throws a ConfigError with every mistake.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  machine: Machine = thisMachine(),
): Environment {
  const given = new Map(
    Object.entries(env).filter(([name, value]) => name.startsWith(prefix) && value !== ''),
  );
  const values = Object.fromEntries(serverVariables.map((name) => [name, given.get(prefix + name)]));
  const read = environmentSchema.safeParse(values);
  const mistakes = [...unknownVariables([...given.keys()]), ...issues(read.error), ...contradictions(values)];
  if (!read.success || mistakes.length > 0) throw new ConfigError(mistakes);
  return toEnvironment(read.data, machine);
}

function toEnvironment(read: z.output<typeof environmentSchema>, machine: Machine): Environment {
  const { USERNAME: username, PASSWORD: password } = read;
  return {
    port: read.PORT,
    listen: read.LISTEN,
    dataFolder: read.DATA,
    database: read.DATABASE,
    role: read.ROLE,
    name: read.NAME,
    labels: read.LABELS,
    token: read.TOKEN,
    basic: username === undefined || password === undefined ? undefined : { username, password },
    gitUrl: read.GIT_URL,
    gitToken: read.APITOKEN,
    github: { on: !read.NOGITHUB, secret: read.GITHUBSECRET },
    travis: { on: !read.NOTRAVIS, token: read.TRAVISTOKEN },
    skipPush: read.SKIPPUSH,
    logLevel: read.LOGLEVEL,
    logFormat: read.LOGFORMAT ?? (machine.terminal ? 'text' : 'json'),
    publicUrl: read.PUBLIC_URL,
    archiveAfterMs: read.SLEEPTIME * 1000,
    graceMs: read.GRACE * 1000,
    drainMs: read.DRAIN * 1000,
    timeoutSecs: read.TIMEOUT,
    leaseMs: read.LEASE * 1000,
    slots: read.CONCURRENCY ?? machine.cores,
    httpSlots: read.HTTPCONCURRENCY,
    allowPrivate: read.ALLOW_PRIVATE,
    secretKey: read.SECRETKEY,
    registry: registryLogin(read),
  };
}

function registryLogin(read: z.output<typeof environmentSchema>): RegistryLogin | undefined {
  const { CFGHOST: host, CFGUN: username, CFGPASS: password, CFGEMAIL: email } = read;
  return username === undefined || password === undefined ? undefined : { host, username, password, email };
}

function thisMachine(): Machine {
  return { cores: availableParallelism(), terminal: process.stdout.isTTY };
}

const pairs = [
  ['USERNAME', 'PASSWORD'],
  ['CFGUN', 'CFGPASS'],
] as const;

type Values = Readonly<Record<string, string | undefined>>;

/** What no variable alone can tell. */
function contradictions(values: Values): Mistake[] {
  const both = pairs.flatMap(([a, b]) => [missing(values, a, b), missing(values, b, a)]);
  return [...both, rolesNeed(values)].filter((mistake) => mistake !== undefined);
}

/** A file is held by one process, which does everything then. */
function rolesNeed({ ROLE: role = 'all', DATABASE: database = '' }: Values): Mistake | undefined {
  const isSplit = roles.some((name) => name !== 'all' && name === role.toLowerCase());
  if (!isSplit || isPostgresUrl(database)) return undefined;
  const problem = `is ${role}, and only processes on one PostgreSQL can share the work: set ${prefix}DATABASE to postgres://…, or leave the role out`;
  return { place: `${prefix}ROLE`, problem };
}

function missing(values: Values, given: string, needed: string): Mistake | undefined {
  if (values[given] === undefined || values[needed] !== undefined) return undefined;
  return { place: prefix + needed, problem: `must be set too, because ${prefix}${given} is` };
}

function issues(error: z.ZodError | undefined): Mistake[] {
  return (error?.issues ?? []).map(({ path, message }) => ({
    place: prefix + path.join('.'),
    problem: message,
  }));
}
