import type { Request } from 'express';
import { bodyOf } from '../../http/body.ts';
import { memberTexts } from '../../http/jsonTexts.ts';
import { queryOf } from '../../http/route.ts';
import { isTooDeep } from '../../words/depth.ts';
import { type FieldNames, parseFields } from './fields.ts';
import { type Nested, nestedValues } from './nested.ts';
import { invalidFields, invalidParameter, unreadable } from './refusal.ts';

const mostLevels = 100;
const integer = /^-?\d+$/;

/** A JSON value, and the text that it came as. */
export interface Given {
  value: unknown;
  text: string;
}

/** What a request says, in its query and its body. The query wins. */
export interface Params {
  /** Undefined where there is nothing of this name, or null. */
  get(name: string): Given | undefined;
}

/** Throws a Refusal where the body cannot be read. */
export function paramsOf(request: Request): Params {
  const query = nestedValues(queryOf(request));
  const body = bodyParams(request);
  return { get: (name) => ofForm(query, name) ?? body.get(name) };
}

/** Throws a Refusal where there is none. */
export function requiredString(params: Params, name: string): string {
  const value = params.get(name)?.value;
  if (typeof value !== 'string') throw invalidParameter(name, 'String');
  return value;
}

/** Throws a Refusal where there is none. */
export function requiredValue(params: Params, name: string): Given {
  const given = params.get(name);
  if (!given) throw invalidParameter(name, 'value');
  return given;
}

/** The digits of a whole number; undefined where nothing is said. Throws a Refusal for anything else. */
export function optionalInteger(params: Params, name: string): string | undefined {
  const value = params.get(name)?.value;
  if (value === undefined) return undefined;
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (!integer.test(text)) throw invalidParameter(name, 'Integer');
  return text;
}

/** The fields that a request asks for. Throws a Refusal. */
export function fieldsOf(params: Params): FieldNames {
  const value = params.get('fields')?.value ?? '';
  if (typeof value !== 'string') throw invalidFields();
  return parseFields(value);
}

/** The same of a query alone: most requests have none. */
export function queryFields(request: Request): FieldNames {
  return request.originalUrl.includes('?') ? fieldsOf(queryParams(request)) : undefined;
}

function queryParams(request: Request): Params {
  const query = nestedValues(queryOf(request));
  return { get: (name) => ofForm(query, name) };
}

function bodyParams(request: Request): Params {
  const text = bodyOf(request).toString('utf8');
  const type = (request.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return ofJson(text);
  if (type !== 'application/x-www-form-urlencoded') return nothing;
  const form = nestedValues(new URLSearchParams(text));
  return { get: (name) => ofForm(form, name) };
}

const nothing: Params = { get: () => undefined };

/** A body that is no object has no parameters. */
function ofJson(text: string): Params {
  if (text.trim() === '') return nothing;
  const value = parsed(text);
  if (isTooDeep(value, mostLevels)) throw unreadable();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return nothing;
  const texts = memberTexts(text);
  return {
    get(name) {
      const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      return member == null ? undefined : { value: member, text: texts.get(name) ?? '' };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
}

function ofForm(form: Nested, name: string): Given | undefined {
  const value = form[name];
  return value === undefined ? undefined : { value, text: JSON.stringify(value) };
}
