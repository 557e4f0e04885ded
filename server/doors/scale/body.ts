import type { Request } from 'express';
import { bodyOf } from '../../http/body.ts';
import { Problem } from '../../words/problems.ts';
import { badRequest } from './problems.ts';
import { integerOf } from './query/values.ts';

export type Body = Readonly<Record<string, unknown>>;

/** The JSON object of a request, whatever its Content-Type says; an absent body is an empty one. 400 for others. */
export function bodyObject(request: Request): Body {
  const bytes = bodyOf(request);
  const value = bytes.length === 0 ? {} : parsed(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('The body must be a JSON object');
  return { ...value };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Problem('bad_json', 'JSON parse error', { cause });
  }
}

/** What a field says; 400 where it says nothing. */
export function requiredField(body: Body, name: string): unknown {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  if (value === undefined || value === null) throw badRequest(`Missing required parameter: "${name}"`);
  return value;
}

/** An integer, also as a text; 400 for others. */
export function integerField(body: Body, name: string): number {
  return integer(requiredField(body, name), name);
}

/** Undefined where there is none. */
export function optionalInteger(body: Body, name: string): number | undefined {
  return isGiven(body, name) ? integer(body[name], name) : undefined;
}

export function optionalText(body: Body, name: string): string | undefined {
  return isGiven(body, name) ? plainText(body[name], name) : undefined;
}

export function optionalFlag(body: Body, name: string): boolean | undefined {
  if (!isGiven(body, name)) return undefined;
  const value = body[name];
  if (typeof value !== 'boolean') throw badRequest(`Parameter must be a valid boolean: "${name}"`);
  return value;
}

/** A list, or one of what it could hold. */
export function optionalIntegers(body: Body, name: string): number[] | undefined {
  return isGiven(body, name) ? listOf(body[name]).map((value) => integer(value, name)) : undefined;
}

export function optionalTexts(body: Body, name: string): string[] | undefined {
  return isGiven(body, name) ? listOf(body[name]).map((value) => plainText(value, name)) : undefined;
}

function isGiven(body: Body, name: string): boolean {
  return Object.hasOwn(body, name) && body[name] !== null;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function integer(value: unknown, name: string): number {
  const number = typeof value === 'string' ? integerOf(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number))
    throw badRequest(`Parameter must be a valid integer: "${name}"`);
  return number;
}

/** Databases differ in what they make of characters that are none, and of NUL. */
function plainText(value: unknown, name: string): string {
  if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0'))
    throw badRequest(`Parameter must be a valid string: "${name}"`);
  return value;
}
