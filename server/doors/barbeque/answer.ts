import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Problem } from '../../words/problems.ts';
import { refusalOf, Unrouted } from './refusal.ts';

const fresh = 'max-age=0, private, must-revalidate';
const json = 'application/json; charset=utf-8';
const startedAt = new WeakMap<Response, number>();

/** Notes when a request came, for X-Runtime. */
export function noteStart(response: Response): void {
  startedAt.set(response, performance.now());
}

/** The compact JSON of a document: what could end a script in a page is escaped. */
export function serialise(document: unknown): string {
  return escaped(JSON.stringify(document));
}

/** The same for a text that is JSON already. In JSON these characters stand in strings only. */
export function escaped(text: string): string {
  return /[<>&\u2028\u2029]/.test(text) ? text.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape) : text;
}

export function etagOf(body: string): string {
  return `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
}

/** Sends a body with its ETag; to who has it already, only that. */
export function sendBody(request: Request, response: Response, status: 200 | 201, body: string): void {
  if (request.method === 'HEAD') return sendNothing(response);
  const etag = etagOf(body);
  const headers = { 'Cache-Control': fresh, ETag: etag, 'X-Runtime': runtimeOf(response) };
  if (status === 200 && isKnown(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'Content-Type': json, 'Content-Length': length }).end(body);
}

export function sendNothing(response: Response): void {
  response.writeHead(204, { 'Cache-Control': 'no-cache', 'X-Runtime': runtimeOf(response) }).end();
}

/** Sends a refusal as this interface words it. */
export function sendRefusal(problem: Problem, _request: Request, response: Response): void {
  const refusal = refusalOf(problem);
  const body = serialise(refusal.body);
  const isUnrouted = refusal instanceof Unrouted;
  if (isUnrouted) response.removeHeader('Allow');
  response.writeHead(refusal.status, {
    'Content-Type': isUnrouted ? 'application/json; charset=UTF-8' : json,
    'Content-Length': Buffer.byteLength(body),
    'X-Runtime': runtimeOf(response),
    ...(!isUnrouted && { 'Cache-Control': 'no-cache' }),
  });
  response.end(body);
}

/** Seconds, to the microsecond. */
function runtimeOf(response: Response): string {
  const ms = performance.now() - (startedAt.get(response) ?? performance.now());
  return (ms / 1000).toFixed(6);
}

/** Of a list any will do, and a strong one is as good as a weak one. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag) return true;
  const plain = etag.slice(2);
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === plain);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
