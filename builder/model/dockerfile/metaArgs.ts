import { expandWord, type Variable } from './expand.ts';
import { type Escape, wordsOf } from './words.ts';

/** The ARGs before the first FROM, which are all that a FROM knows. */
export interface MetaArgs {
  /** Takes what follows the word ARG. */
  declare(args: string): void;
  /** Undefined where its value is only known to a build. */
  expand(word: string): string | undefined;
}

const automatic = /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/;
const argShape = /^(?<name>[A-Za-z_]\w*)(?:=(?<value>[^]*))?$/;

export function createMetaArgs(buildArgs: Readonly<Record<string, string>>, escape: Escape): MetaArgs {
  const values = new Map<string, Variable | undefined>();
  const lookup = (name: string): Variable | undefined => {
    if (values.has(name)) return values.get(name);
    return automatic.test(name) ? undefined : { value: undefined };
  };
  const expand = (word: string): string | undefined => expandWord(word, lookup, escape);

  const valueOf = (name: string, written: string | undefined): Variable | undefined => {
    if (Object.hasOwn(buildArgs, name)) return { value: buildArgs[name] };
    if (written === undefined) return lookup(name);
    const value = expand(written);
    return value === undefined ? undefined : { value };
  };

  return {
    declare(args) {
      for (const word of wordsOf(args, escape)) {
        const { name, value } = argShape.exec(word)?.groups ?? {};
        if (name !== undefined) values.set(name, valueOf(name, value));
      }
    },
    expand,
  };
}
