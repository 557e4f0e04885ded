import type { Mistake } from './mistakes.ts';

export const prefix = 'DOCKER_BUILDER_';

/** Read by the server. */
export const serverVariables = [
  'PORT',
  'LISTEN',
  'DATA',
  'DATABASE',
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
  'TIMEOUT',
  'LEASE',
  'CONCURRENCY',
  'HTTPCONCURRENCY',
  'ALLOW_PRIVATE',
  'SECRETKEY',
] as const;
export type ServerVariable = (typeof serverVariables)[number];

/** Legal beside the server, but read elsewhere: by the command line and for registries. */
const otherVariables = ['HOST', 'CFGUN', 'CFGPASS', 'CFGEMAIL', 'CFGHOST'];

const knownVariables: readonly string[] = [...serverVariables, ...otherVariables];

/** A name that is almost a known one is a mistake that nobody would notice otherwise. */
export function unknownVariables(names: readonly string[]): Mistake[] {
  const unknown = names.filter(
    (name) => name.startsWith(prefix) && !knownVariables.includes(name.slice(prefix.length)),
  );
  return unknown.map((name) => ({ place: name, problem: `is not known${hint(name.slice(prefix.length))}` }));
}

function hint(name: string): string {
  const byDistance = knownVariables
    .map((known) => ({ known, distance: distance(name.toUpperCase(), known) }))
    .toSorted((a, b) => a.distance - b.distance);
  const nearest = byDistance[0];
  if (!nearest || nearest.distance > 3 || nearest.distance >= name.length) return '; remove it';
  return `; did you mean ${prefix}${nearest.known}?`;
}

/** How many characters must be added, removed or replaced to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, char] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, wanted] of Array.from(to).entries()) {
      const replaced = (row[j] ?? 0) + (char === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
