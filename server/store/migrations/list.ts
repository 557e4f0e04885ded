import { first } from './first/all.ts';
import { firstOfPostgres } from './postgres/all.ts';
import type { Step } from './step.ts';

/**
 * The store's schema as steps, the number of each being its place in the list, from 1. A step that was released is never
 * changed again: a new one is added, one at most in a version.
 *
 * While a cluster is upgraded, programs one step apart work side by side on one store. So a step only adds: tables, indexes
 * that forbid nothing, columns that may be null or have a default, words that older programs never read back. Older programs
 * go on inserting rows without the new columns, and updating them as if nothing had come. What a version does not use any
 * more is dropped by the step of the next one, when nobody is left who uses it; what is renamed is added first, written to
 * both, and dropped then. A step is one transaction, in which nobody else writes: what takes long for a million rows is
 * better done little by little by the program itself, later.
 */
export const migrations: readonly Step[] = [{ both: first, postgres: firstOfPostgres }];
