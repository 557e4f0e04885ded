import type { z } from 'zod';
import type { Registered } from './route.ts';

/** What the document of the interface says of one route. Who may is said where the route is made. */
export interface Operation {
  /** Unique; clients that are made from the document call their function so. */
  id: string;
  summary: string;
  description?: string;
  /** What a caller shows in place of a credential, where that is a token of its own. */
  proof?: 'runToken';
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: OperationBody;
  /** By status. Refusals are the same everywhere and need no mention. */
  answers: Readonly<Record<number, OperationAnswer>>;
}

export interface OperationBody {
  schema: z.ZodType;
  /** Whether it may be left out. */
  optional?: boolean;
  /** application/json where it says nothing. */
  types?: readonly string[];
}

export interface OperationAnswer {
  description: string;
  /** Of an answer in JSON; without schema and type there is no body. */
  schema?: z.ZodType;
  /** Of an answer that is not JSON, or where it is JSON only for those who accept it. */
  type?: string;
  /** What each header says. */
  headers?: Readonly<Record<string, string>>;
}

/** The operations of a door under a heading, by `get /path/:part`. */
export interface OperationGroup {
  tag: string;
  description: string;
  operations: Readonly<Record<string, Operation>>;
}

export function operationKey({ method, path }: Pick<Registered, 'method' | 'path'>): string {
  return `${method} ${path}`;
}
