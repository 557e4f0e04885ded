import { posix } from 'node:path';
import { BuildFault } from './faults.ts';
import { compileWildcard, PatternError, type Work } from './wildcard.ts';

/** One line of .dockerignore. */
interface Rule {
  /** `!pattern`: takes back what earlier rules left out. */
  exception: boolean;
  text: string;
  matches: (path: string, work: Work) => boolean;
}

/** What the rules say of one path; the last is kept for the paths below it. */
interface Verdict {
  path: string;
  /** Which rules match the path or a folder above it. */
  hits: Uint8Array;
  excluded: boolean;
  /** An excluded folder that no exception names: nothing below it is looked at. */
  closed: boolean;
}

export interface Dockerignore {
  /**
   * Whether a path (clean, relative to the context) is left out. Cheapest when paths come folder by folder.
   * Throws BuildFault `context_invalid` where the patterns are too costly to match.
   */
  excludes(path: string): boolean;
}

/** Steps of matching for one path; a file of a hundred patterns needs some thousand. */
const maxStepsPerPath = 500_000;

/**
 * Reads a .dockerignore as the docker CLI does (github.com/moby/patternmatcher): a later line wins, an excluded
 * folder is only entered where an exception's text begins with its path. Paths in `always` are never excluded.
 * Throws BuildFault `context_invalid` with the line that cannot be read.
 */
export function parseDockerignore(
  text: string,
  always: readonly string[],
  file = '.dockerignore',
): Dockerignore {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const rules = lines.flatMap((line, i) => parseLine(line, `${file} line ${i + 1}`));
  const needed = always.filter((path) => createMatcher(rules).excludes(path));
  return createMatcher([...rules, ...needed.map(exceptionFor)]);
}

function parseLine(line: string, place: string): Rule[] {
  if (line.startsWith('#') || line.trim() === '') return [];
  const trimmed = line.trim();
  const exception = trimmed.startsWith('!');
  const pattern = exception ? trimmed.slice(1).trim() : trimmed;
  const text = clean(pattern).replace(/^\/(?=.)/, '');
  if (exception && (pattern === '' || text === '/')) throw invalidLine(line, place, 'a lone ! says nothing');
  try {
    return [{ exception, text, matches: compile(text) }];
  } catch (error) {
    if (error instanceof PatternError) throw invalidLine(line, place, error.message);
    throw error;
  }
}

/** As Go's filepath.Clean. */
function clean(path: string): string {
  return path === '' ? '' : posix.normalize(path).replace(/(?<=.)\/$/, '');
}

function invalidLine(line: string, place: string, problem: string): BuildFault {
  return new BuildFault('context_invalid', `${place}, "${line.trim().slice(0, 80)}": ${problem}.`);
}

/** Most patterns are a plain name, `name/**` or `**` and a name: they need no automaton. */
function compile(text: string): Rule['matches'] {
  const wild = compileWildcard(text);
  const special = /[*?[\]\\]/;
  if (!special.test(text)) return (path) => path === text;
  if (text.endsWith('**') && !special.test(text.slice(0, -2)) && text !== '**') {
    const beginning = text.slice(0, -2);
    return (path) => path.startsWith(beginning);
  }
  if (!text.startsWith('**') || special.test(text.slice(2))) return wild;
  // Docker takes `**name` for any path that ends so, also in the middle of a name.
  const end = text.slice(2);
  return (path) => path.endsWith(end) || `/${path}` === end;
}

function exceptionFor(path: string): Rule {
  return { exception: true, text: path, matches: (other) => other === path };
}

function createMatcher(rules: readonly Rule[]): Dockerignore {
  const isExceptionBelow = (folder: string): boolean =>
    rules.some((rule) => rule.exception && `${rule.text}/`.startsWith(`${folder}/`));

  const judge = (path: string, above: Verdict | undefined): Verdict => {
    if (above?.closed) return { ...above, path };
    const hits = new Uint8Array(rules.length);
    const work: Work = { steps: 0 };
    let excluded = false;
    for (const [i, rule] of rules.entries()) {
      // Docker does not look at a rule that can change nothing, and remembers it for all below as no match.
      const hit = above?.hits[i] === 1 || (rule.exception === excluded && rule.matches(path, work));
      if (hit) {
        hits[i] = 1;
        excluded = !rule.exception;
      }
      if (work.steps > maxStepsPerPath) throw tooCostly(path);
    }
    return { path, hits, excluded, closed: excluded && !isExceptionBelow(path) };
  };

  const chain: Verdict[] = [];
  return {
    excludes: (path) => {
      while (chain.length > 0 && !path.startsWith(`${chain.at(-1)?.path}/`)) chain.pop();
      for (let end = 0; end < path.length;) {
        end = nextBorder(path, (chain.at(-1)?.path.length ?? -1) + 1);
        chain.push(judge(path.slice(0, end), chain.at(-1)));
      }
      return chain.at(-1)?.excluded ?? false;
    },
  };
}

function nextBorder(path: string, from: number): number {
  const border = path.indexOf('/', from);
  return border < 0 ? path.length : border;
}

function tooCostly(path: string): BuildFault {
  return new BuildFault(
    'context_invalid',
    `The patterns of .dockerignore are too many or too costly to match "${path.slice(0, 80)}". Write fewer or simpler ones.`,
  );
}
