import express, { type Request, type RequestHandler } from 'express';
import { Problem } from '../words/problems.ts';

/** Reads a body of any type whole, up to `limit` bytes (unpacked); past it the answer is 413. */
export function wholeBody(limit: number): RequestHandler {
  return express.raw({ type: () => true, limit });
}

/**
 * The same for senders whose right shows only when their body was read. Nothing is unpacked for them: 415, because a
 * few bytes would become many. All their bodies together hold at most `together` bytes; past it the answer is 503.
 */
export function strangersBody(limit: number, together: number): RequestHandler {
  const read = express.raw({ type: () => true, limit, inflate: false });
  let held = 0;
  return (request, response, next) => {
    let own = 0;
    let isSettled = false;
    const settle = (error?: unknown): void => {
      if (!isSettled) next(error);
      isSettled = true;
    };
    const count = (chunk: Buffer): void => {
      own += chunk.length;
      held += chunk.length;
      if (held <= together) return;
      response.once('finish', () => request.destroy());
      settle(new Problem('unavailable', 'too many large bodies at once: send it again later'));
    };
    request.on('data', count);
    response.once('close', () => {
      request.off('data', count);
      held -= own;
    });
    read(request, response, settle);
  };
}

/** The bytes that were read; empty where there was no body. */
export function bodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
