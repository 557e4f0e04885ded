import { first } from './first/all.ts';
import { firstOfPostgres } from './postgres/all.ts';
import type { Step } from './step.ts';

/**
 * The store's schema as steps, the number of each being its place in the list, from 1. A step that was released is never
 * changed again: a new one is added.
 */
export const migrations: readonly Step[] = [{ both: first, postgres: firstOfPostgres }];
