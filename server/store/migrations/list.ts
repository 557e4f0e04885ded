import { first } from './first/all.ts';

/**
 * The store's schema as steps, the number of each being its place in the list, from 1. A step that was released is never
 * changed again: a new one is added. Both databases accept their text once `{serial}` is filled in.
 */
export const migrations: readonly (readonly string[])[] = [first];
