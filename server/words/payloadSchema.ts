import { canonicalJson } from './canonical.ts';
import { Problem } from './problems.ts';

/** What a payload must fit: a subset of JSON Schema. Other words of a schema say nothing here. */
type Schema = Record<string, unknown>;

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
type Type = (typeof types)[number];

const mostLevels = 50;
const mostCharacters = 64 * 1024;
/** Values of an enum that a sentence names. */
const mostNamed = 10;

/** Why a schema cannot be used; undefined where it can. */
export function schemaProblem(schema: unknown): string | undefined {
  try {
    if (canonicalJson(schema).length > mostCharacters)
      return `the schema is longer than ${mostCharacters} characters`;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  return unusable(schema, '$', 0);
}

/** How a value does not fit a schema that can be used, e.g. `$.a is required`; undefined where it fits. */
export function payloadProblem(schema: Schema, value: unknown): string | undefined {
  return misfit(schema, value, '$');
}

function unusable(schema: unknown, path: string, level: number): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (!isObject(schema)) return `${path} must be a schema`;
  if (level === mostLevels) return `the schema is nested too deeply (max ${mostLevels} levels)`;
  return (
    badWord(schema, path) ??
    first(Object.entries(objectAt(schema, 'properties')), ([name, part]) =>
      unusable(part, `${path}.${name}`, level + 1),
    ) ??
    first(['items', 'additionalProperties'], (word) =>
      schema[word] === undefined ? undefined : unusable(schema[word], `${path}.${word}`, level + 1),
    )
  );
}

const counts = ['minLength', 'maxLength', 'minItems', 'maxItems'] as const;
const bounds = ['minimum', 'maximum'] as const;

function badWord(schema: Schema, path: string): string | undefined {
  const { type, required, properties, enum: values } = schema;
  if (type !== undefined && !isTypeList(type)) return `${path}: type must be one of ${types.join(', ')}`;
  if (required !== undefined && !isTextList(required)) return `${path}: required must be a list of names`;
  if (properties !== undefined && !isObject(properties)) return `${path}: properties must be an object`;
  if (values !== undefined && !(Array.isArray(values) && values.length > 0))
    return `${path}: enum must be a list of values`;
  return (
    first(counts, (word) =>
      isCount(schema[word]) ? undefined : `${path}: ${word} must be a whole number`,
    ) ?? first(bounds, (word) => (isNumber(schema[word]) ? undefined : `${path}: ${word} must be a number`))
  );
}

function misfit(schema: unknown, value: unknown, path: string): string | undefined {
  if (schema === false) return `${path} is not allowed`;
  if (!isObject(schema)) return undefined;
  return (
    wrongType(schema, value, path) ??
    wrongValue(schema, value, path) ??
    wrongMembers(schema, value, path) ??
    wrongItems(schema, value, path)
  );
}

function wrongType({ type }: Schema, value: unknown, path: string): string | undefined {
  if (type === undefined) return undefined;
  const allowed = (Array.isArray(type) ? type : [type]) as Type[];
  return allowed.some((name) => isOfType(name, value))
    ? undefined
    : `${path} must be ${allowed.join(' or ')}`;
}

function wrongValue(schema: Schema, value: unknown, path: string): string | undefined {
  const { enum: values, minLength, maxLength, minimum, maximum } = schema;
  if (Array.isArray(values) && !textsOf(values).has(canonicalJson(value)))
    return `${path} must be one of ${[...textsOf(values)].slice(0, mostNamed).join(', ')}`;
  if (typeof value === 'string') {
    // In characters, not in UTF-16 units.
    const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(value).length;
    if (isBelow(length, minLength)) return `${path} must have at least ${String(minLength)} characters`;
    if (isAbove(length, maxLength)) return `${path} must have at most ${String(maxLength)} characters`;
  }
  if (typeof value === 'number') {
    if (isBelow(value, minimum)) return `${path} must be at least ${String(minimum)}`;
    if (isAbove(value, maximum)) return `${path} must be at most ${String(maximum)}`;
  }
  return undefined;
}

const textsByEnum = new WeakMap<readonly unknown[], Set<string>>();

/** Made once, so that a long list costs its length once and not for each value. */
function textsOf(values: readonly unknown[]): Set<string> {
  const texts = textsByEnum.get(values) ?? new Set(values.map(canonicalJson));
  textsByEnum.set(values, texts);
  return texts;
}

function wrongMembers(schema: Schema, value: unknown, path: string): string | undefined {
  if (!isObject(value)) return undefined;
  const properties = objectAt(schema, 'properties');
  const required = (schema['required'] ?? []) as string[];
  const rest = schema['additionalProperties'];
  return (
    first(required, (name) => (Object.hasOwn(value, name) ? undefined : `${path}.${name} is required`)) ??
    first(Object.entries(value), ([name, member]) =>
      misfit(Object.hasOwn(properties, name) ? properties[name] : rest, member, `${path}.${name}`),
    )
  );
}

function wrongItems(schema: Schema, value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const { items, minItems, maxItems } = schema;
  if (isBelow(value.length, minItems)) return `${path} must have at least ${String(minItems)} items`;
  if (isAbove(value.length, maxItems)) return `${path} must have at most ${String(maxItems)} items`;
  if (items === undefined) return undefined;
  return first(value, (item: unknown, index) => misfit(items, item, `${path}[${index}]`));
}

function isOfType(type: Type, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return false;
  }
}

function first<T>(
  list: readonly T[],
  problemOf: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of list.entries()) {
    const problem = problemOf(item, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(schema: Schema, word: string): Record<string, unknown> {
  const value = schema[word];
  return isObject(value) ? value : {};
}

function isTypeList(value: unknown): boolean {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((name) => (types as readonly unknown[]).includes(name));
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function isNumber(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

function isBelow(value: number, least: unknown): boolean {
  return typeof least === 'number' && value < least;
}

function isAbove(value: number, most: unknown): boolean {
  return typeof most === 'number' && value > most;
}
