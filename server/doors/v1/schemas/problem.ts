import { z } from 'zod';
import { type ProblemCode, problemStatus } from '../../../words/problems.ts';

const codes = Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]];

/** Every refusal. */
export const problem = z
  .object({
    error: z.string().meta({ description: 'A sentence for a person.' }),
    message: z.string().meta({ description: 'The same sentence.' }),
    code: z.enum(codes).meta({ description: 'For programs.' }),
    details: z.array(z.string()).optional().meta({ description: 'One sentence for each mistake.' }),
    field: z.string().optional().meta({ description: 'The field that is meant.' }),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });
