import type { Response } from 'express';

/**
 * Sends a value as JSON. Express would look at the type of the answer and at what the client has of it already; for an
 * answer that is made for every request that is more than half of it.
 */
export function sendJson(response: Response, status: number, value: object): void {
  const text = JSON.stringify(value);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}
