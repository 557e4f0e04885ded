/** One place of a wildcard pattern, as a state of an automaton that reads a path. */
interface Place {
  /** The character leads to the next place. */
  next?: (code: number) => boolean;
  /** The character may be one more of the same. */
  stay?: (code: number) => boolean;
  /** How many places may be passed over without a character. */
  skips?: readonly number[];
  /** Only passed over at the beginning of the path. */
  atStart?: boolean;
}

/** Counts the work of matching, so that whoever asks can stop a costly pattern. */
export interface Work {
  steps: number;
}

export class PatternError extends Error {}

const slash = 47;
const newline = 10;

const notSlash = (code: number): boolean => code !== slash;
const notNewline = (code: number): boolean => code !== newline;

/**
 * Compiles a pattern of .dockerignore: `*`, `?`, `**`, `[a-z]`, `[^a-z]` and `\`, with Docker's own reading of them.
 * The match takes time in the product of both lengths, never more. Throws PatternError.
 */
export function compileWildcard(pattern: string): (path: string, work: Work) => boolean {
  const places = parse(Array.from(pattern));
  return (path, work) => run(places, path, work);
}

function parse(chars: readonly string[]): Place[] {
  const places: Place[] = [];
  let i = 0;
  while (i < chars.length) {
    const { placed, length } = parseAt(chars, i);
    places.push(...placed);
    i += length;
  }
  return places;
}

function parseAt(chars: readonly string[], i: number): { placed: Place[]; length: number } {
  const char = chars[i] ?? '';
  if (char === '*' && chars[i + 1] === '*') return parseDoubleStar(chars, i);
  if (char === '*') return { placed: [{ skips: [1], stay: notSlash }], length: 1 };
  if (char === '?') return { placed: [{ next: notSlash }], length: 1 };
  if (char === '^') return { placed: [{ skips: [1], atStart: true }], length: 1 };
  if (char === '[') return parseClass(chars, i);
  if (char === '\\') return { placed: [{ next: is(escaped(chars[i + 1])) }], length: 2 };
  return { placed: [{ next: is(char) }], length: 1 };
}

// `**`, with or without a slash behind it: any number of folders; at the end of the pattern everything.
function parseDoubleStar(chars: readonly string[], i: number): { placed: Place[]; length: number } {
  const length = chars[i + 2] === '/' ? 3 : 2;
  if (i + length >= chars.length) return { placed: [{ skips: [1], stay: notNewline }], length };
  return { placed: [{ skips: [1, 2] }, { stay: notNewline, next: (code) => code === slash }], length };
}

function parseClass(chars: readonly string[], start: number): { placed: Place[]; length: number } {
  const negated = chars[start + 1] === '^';
  const ranges: [low: number, high: number][] = [];
  let i = start + (negated ? 2 : 1);
  while (ranges.length === 0 || chars[i] !== ']') {
    const low = classItem(chars, i);
    i += low.length;
    const high = chars[i] === '-' ? classItem(chars, i + 1) : undefined;
    if (high) i += 1 + high.length;
    if (high && high.code < low.code) throw new PatternError('a range in [ ] goes backwards');
    ranges.push([low.code, high?.code ?? low.code]);
  }
  const inside = (code: number): boolean => ranges.some(([low, high]) => code >= low && code <= high);
  return { placed: [{ next: negated ? (code) => !inside(code) : inside }], length: i + 1 - start };
}

function classItem(chars: readonly string[], i: number): { code: number; length: number } {
  const char = chars[i];
  if (char === undefined) throw new PatternError('a [ is never closed by ]');
  if (char === '-' || char === ']') throw new PatternError(`${char} has no meaning at its place in [ ]`);
  // Docker turns these into something that nobody means inside [ ]: better no build than a wrong context.
  if (char === '*' || char === '?' || (char === '[' && chars[i + 1] === ':'))
    throw new PatternError(`${char} inside [ ] is not supported: write \\${char}`);
  if (char === '\\') return { code: escaped(chars[i + 1]).codePointAt(0) ?? 0, length: 2 };
  return { code: char.codePointAt(0) ?? 0, length: 1 };
}

function escaped(char: string | undefined): string {
  if (char === undefined) throw new PatternError('it ends with a lone \\');
  if (/[a-z0-9]|[^\0-\x7f]/i.test(char)) throw new PatternError(`\\ before ${char} has no meaning`);
  return char;
}

function is(char: string): (code: number) => boolean {
  const wanted = char.codePointAt(0);
  return (code) => code === wanted;
}

/** Follows all places that the path may be at, character by character. */
function run(places: readonly Place[], path: string, work: Work): boolean {
  let active: number[] = [];
  let reached: number[] = [];
  // When each place was reached last, so that none is listed twice: 1 is the beginning of the path.
  const seenAt = new Uint32Array(places.length + 1);
  reach(places, 0, active, seenAt, 1);
  for (let i = 0; i < path.length && active.length > 0;) {
    const code = path.codePointAt(i) ?? 0;
    i += code > 0xffff ? 2 : 1;
    work.steps += active.length;
    for (const at of active) {
      const place = places[at];
      if (place?.stay?.(code)) reach(places, at, reached, seenAt, i + 1);
      if (place?.next?.(code)) reach(places, at + 1, reached, seenAt, i + 1);
    }
    [active, reached] = [reached, active];
    reached.length = 0;
  }
  return active.includes(places.length);
}

function reach(places: readonly Place[], at: number, list: number[], seenAt: Uint32Array, now: number): void {
  if (seenAt[at] === now) return;
  seenAt[at] = now;
  list.push(at);
  const place = places[at];
  if (!place?.skips || (place.atStart && now > 1)) return;
  for (const skip of place.skips) reach(places, at + skip, list, seenAt, now);
}
