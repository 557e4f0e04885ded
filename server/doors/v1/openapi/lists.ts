import { z } from 'zod';

/** Of whoever sees several projects. */
export const project = z
  .object({ project_id: z.string().meta({ description: "The key's own where absent." }) })
  .partial();
