import { z } from 'zod';
import { pageOf } from '../schemas/jobAnswers.ts';

/** What every list takes. */
export const paging = z
  .object({
    limit: z.int().min(1).meta({ description: 'Asks for pages of so many; 100 at most.' }),
    cursor: z.string().meta({ description: 'next_cursor of the page before, or a time of RFC 3339.' }),
  })
  .partial();

/** Of whoever sees several projects. */
export const project = z
  .object({ project_id: z.string().meta({ description: "The key's own where absent." }) })
  .partial();

/** A list as an array, and as a page where `limit` or `cursor` was given. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.union([z.array(item), pageOf(item)]);
}

export const linkHeader = { Link: 'How to read on, where an array does not hold all.' };
