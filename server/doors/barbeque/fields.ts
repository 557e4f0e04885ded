import { invalidFields } from './refusal.ts';

/** The fields that a client named; undefined where it named none. */
export type FieldNames = ReadonlySet<string> | undefined;

const token = /\s*([\w.*]+)|[,[\]]/y;

/**
 * Reads `?fields=`: names with a comma between them, each with such a list in brackets behind it if need be. What stands
 * in brackets says nothing here, for no field has parts. Reading ends without a word at the first character that belongs
 * to nothing; of names without a comma between them the last one counts. Throws a Refusal where a name is missing.
 */
export function parseFields(text: string): FieldNames {
  if (text === '') return undefined;
  const list: FieldList = { names: new Set(), outer: [] };
  let current: string | undefined;
  for (const [mark, name] of tokensOf(text)) current = name ?? behind(mark, current, list);
  if (current === undefined) throw invalidFields();
  return list.names.add(list.outer[0] ?? current);
}

interface FieldList {
  names: Set<string>;
  /** The names whose brackets are open. */
  outer: string[];
}

/** The name that counts behind a mark, undefined where another one has to come. */
function behind(mark: string, current: string | undefined, { names, outer }: FieldList): string | undefined {
  if (current === undefined || (mark === ']' && outer.length === 0)) throw invalidFields();
  if (mark === ']') return outer.pop();
  if (mark === '[') outer.push(current);
  else if (outer.length === 0) names.add(current);
  return undefined;
}

/** Whether a field is shown: one that always is unless fields are named, or one that has to be asked for. */
export function isWanted(fields: FieldNames, name: string, isUsual = true): boolean {
  if (!fields) return isUsual;
  return fields.has('*') || fields.has(name) || (isUsual && fields.has('__default__'));
}

function* tokensOf(text: string): Generator<RegExpExecArray> {
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) return;
    at = token.lastIndex;
    yield found;
  }
}
