import { parseArgs } from 'node:util';

/** A mistake in what was typed. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * `--name value` for each of `names`, and as many other words as `words` names, of which those in brackets (`[file]`)
 * may be left out. Throws a UsageError.
 */
export function readArguments<N extends string>(
  args: readonly string[],
  names: readonly N[],
  words: readonly string[] = [],
): { values: Partial<Record<N, string>>; words: string[] } {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const missing = words[positionals.length];
    if (missing !== undefined && !missing.startsWith('[')) throw new UsageError(`${missing} is missing`);
    if (positionals.length > words.length) throw new UsageError(`unknown: ${positionals.at(-1) ?? ''}`);
    return { values: values as Partial<Record<N, string>>, words: positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h');
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const mostMs = 3653 * unitMs.d;

/** The time that `90d`, `12h`, `30m`, `45s` or `2w` from now is, or an RFC 3339 one. Throws a UsageError. */
export function readTime(text: string, now: number): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const time = isUnit(unit) ? now + Number(count) * unitMs[unit] : absolute(text);
  if (!(time > now && time <= now + mostMs))
    throw new UsageError(`${text} is no time to come: write 90d, 12h or 2030-01-31T00:00:00Z`);
  return time;
}

function absolute(text: string): number {
  return /^\d{4}-\d\d-\d\d(T\S+)?$/.test(text) ? Date.parse(text) : NaN;
}

function isUnit(text: string): text is keyof typeof unitMs {
  return Object.hasOwn(unitMs, text);
}
