import type { Request, Response } from 'express';
import type { Problem } from '../words/problems.ts';

/** The body of a refusal, in the shape of one interface. It may set headers and another status, or send all by itself. */
export type RefusalShape = (problem: Problem, request: Request, response: Response) => unknown;

const shapes = new WeakMap<Response, RefusalShape>();

/** From here on the request's refusals have this shape, whoever refuses it. */
export function setRefusalShape(response: Response, shape: RefusalShape): void {
  shapes.set(response, shape);
}

/** Undefined where the request is of no interface with a shape of its own. */
export function refusalShape(response: Response): RefusalShape | undefined {
  return shapes.get(response);
}
