import { z } from 'zod';

/** What every list takes. */
export const paging = z
  .object({
    limit: z.int().min(1).meta({ description: 'Asks for pages of so many; 100 at most.' }),
    cursor: z.string().meta({ description: 'next_cursor of the page before, or a time of RFC 3339.' }),
  })
  .partial();

/** A page of a list, for requests with `limit` or `cursor`. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().optional() });
}

/** A list as an array, and as a page where `limit` or `cursor` was given. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.union([z.array(item), pageOf(item)]);
}

export const linkHeader = { Link: 'How to read on, where an array does not hold all.' };
