import type { Flag, Instruction, Instructions } from './instructions.ts';
import { wordsOf } from './words.ts';

/** Flags that the classic builder knows; it refuses all others of these instructions. */
const classicFlags: Readonly<Record<string, readonly string[]>> = {
  RUN: [],
  COPY: ['from', 'chown'],
  ADD: ['chown'],
};

const platformArg = /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/;
const platformVariable = /\$\{?((?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT))\b/;

/** The first thing that only BuildKit can do, and its line; undefined where the classic builder does. */
export function buildKitNeeds(
  { list, syntax, syntaxLine }: Instructions,
  buildArgs: Readonly<Record<string, string>>,
): string | undefined {
  if (syntax !== undefined) return `# syntax= in line ${syntaxLine}`;
  for (const instruction of list) {
    const need = needOf(instruction, buildArgs);
    if (need !== undefined) return `${need} in line ${instruction.line}`;
  }
  return undefined;
}

function needOf(
  { name, flags, args, hasHeredoc }: Instruction,
  buildArgs: Readonly<Record<string, string>>,
): string | undefined {
  if (hasHeredoc) return `a heredoc of ${name}`;
  const known = classicFlags[name];
  const flag = known && flags.find((one) => !known.includes(one.name));
  if (flag) return `${name} --${flag.name.slice(0, 40)}`;
  const variable = name === 'FROM' ? platformOf(flags) : name === 'ARG' ? platformArgOf(args) : undefined;
  if (variable === undefined || Object.hasOwn(buildArgs, variable)) return undefined;
  return name === 'FROM' ? `FROM --platform=$${variable}` : `ARG ${variable}`;
}

// The classic builder leaves these variables empty, so that a build goes wrong without a word.
function platformOf(flags: readonly Flag[]): string | undefined {
  const platform = flags.find((one) => one.name === 'platform')?.value ?? '';
  return platformVariable.exec(platform)?.[1];
}

function platformArgOf(args: string): string | undefined {
  return wordsOf(args, '\\').find((word) => platformArg.test(word));
}
