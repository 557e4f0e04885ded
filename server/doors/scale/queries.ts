import { z } from 'zod';
import { pageQuery, rangeQuery } from './executions/schemas.ts';
import { errorCategories } from './present/errorCatalogue.ts';
import { executionStatuses, jobStatuses } from './present/statuses.ts';

const listQuery = z.object({ ...pageQuery.shape, ...rangeQuery.shape });
const { order: _, ...unsorted } = pageQuery.shape;
const category = z.enum(['build', 'container', 'http']);

export const pagesQuery = z.object(unsorted);
export const rangedQuery = z.object({ ...unsorted, ...rangeQuery.shape });

export const jobsQuery = z.object({
  ...listQuery.shape,
  ...z
    .object({
      status: z.enum(jobStatuses).meta({ description: 'May be repeated, as all below may.' }),
      job_id: z.int(),
      job_type_id: z.int(),
      job_type_name: z.string(),
      job_type_category: category,
      error_category: z.enum(errorCategories),
    })
    .partial().shape,
});

export const nodesQuery = z.object({
  ...listQuery.shape,
  include_inactive: z
    .boolean()
    .optional()
    .meta({ description: 'Also those that are not in the settings any more.' }),
});

export const jobTypesQuery = z.object({
  ...listQuery.shape,
  ...z.object({ name: z.string(), category }).partial().shape,
});

export const executionsV6Query = z.object({
  ...unsorted,
  ...z.object({ status: z.enum(executionStatuses), node_id: z.int() }).partial().shape,
});
