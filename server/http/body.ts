import express, { type Request, type RequestHandler } from 'express';

/** Reads a body of any type whole, up to `limit` bytes (unpacked); past it the answer is 413. */
export function wholeBody(limit: number): RequestHandler {
  return express.raw({ type: () => true, limit });
}

/** The bytes that `wholeBody` read; empty where there was no body. */
export function bodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
