import { nearestWord } from '../../builder/model/nearestWord.ts';
import type { Mistake } from './mistakes.ts';

export const prefix = 'DOCKER_BUILDER_';

/** Read by the server. */
export const serverVariables = [
  'PORT',
  'LISTEN',
  'DATA',
  'DATABASE',
  'ROLE',
  'NAME',
  'LABELS',
  'TOKEN',
  'GIT_URL',
  'APITOKEN',
  'USERNAME',
  'PASSWORD',
  'GITHUBSECRET',
  'TRAVISTOKEN',
  'NOGITHUB',
  'NOTRAVIS',
  'SKIPPUSH',
  'LOGLEVEL',
  'LOGFORMAT',
  'PUBLIC_URL',
  'SLEEPTIME',
  'GRACE',
  'DRAIN',
  'TIMEOUT',
  'LEASE',
  'CONCURRENCY',
  'HTTPCONCURRENCY',
  'ALLOW_PRIVATE',
  'SECRETKEY',
  'CFGUN',
  'CFGPASS',
  'CFGEMAIL',
  'CFGHOST',
] as const;
export type ServerVariable = (typeof serverVariables)[number];

/** Legal beside the server, but read by the command line. */
const otherVariables = ['HOST'];

const knownVariables: readonly string[] = [...serverVariables, ...otherVariables];

/** A name that is almost a known one is a mistake that nobody would notice otherwise. */
export function unknownVariables(names: readonly string[]): Mistake[] {
  const unknown = names.filter(
    (name) => name.startsWith(prefix) && !knownVariables.includes(name.slice(prefix.length)),
  );
  return unknown.map((name) => ({ place: name, problem: `is not known${hint(name.slice(prefix.length))}` }));
}

function hint(name: string): string {
  const nearest = nearestWord(name, knownVariables);
  return nearest === undefined ? '; remove it' : `; did you mean ${prefix}${nearest}?`;
}
