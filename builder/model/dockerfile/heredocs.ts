import { wordsOf } from './words.ts';

export interface Heredocs {
  /** The line behind the bodies that the arguments of an instruction open, which begin at line `from`. */
  end(args: string, from: number): number;
}

interface Opening {
  name: string;
  /** `<<-`: tabs in front of its lines do not count. */
  chomps: boolean;
}

const opening = /^\d*<<(?<dash>-?)(?<name>[^<]+)$/;

/** One that nothing closes is none: what looks so may be a shift in a shell's arithmetic. */
export function findHeredocs(lines: readonly string[]): Heredocs {
  // The last line that could close each: without it, many that stay open would each be sought to the end.
  const lastPlain = new Map(lines.map((line, i) => [line, i]));
  const lastChomped = new Map(lines.map((line, i) => [chomped(line), i]));

  const endOf = ({ name, chomps }: Opening, from: number): number | undefined => {
    if (((chomps ? lastChomped : lastPlain).get(name) ?? -1) < from) return undefined;
    let at = from;
    while ((chomps ? chomped(lines[at] ?? '') : lines[at]) !== name) at++;
    return at + 1;
  };

  return {
    end(args, from) {
      if (!args.includes('<<') || isJsonList(args)) return from;
      let at = from;
      for (const one of openings(args)) {
        const end = endOf(one, at);
        if (end === undefined) break;
        at = end;
      }
      return at;
    },
  };
}

function openings(args: string): Opening[] {
  return wordsOf(args, '\\').flatMap((word) => {
    const { dash, name = '' } = opening.exec(word)?.groups ?? {};
    const plain = name.replaceAll(/["'\\]/g, '');
    return plain === '' ? [] : [{ name: plain, chomps: dash === '-' }];
  });
}

function chomped(line: string): string {
  let from = 0;
  while (line.charAt(from) === '\t') from++;
  return line.slice(from);
}

/** The form of an instruction that no shell reads. */
function isJsonList(args: string): boolean {
  if (!args.startsWith('[')) return false;
  try {
    return Array.isArray(JSON.parse(args));
  } catch {
    return false;
  }
}
