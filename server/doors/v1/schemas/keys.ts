import { z } from 'zod';
import { pageOf } from '../../../http/lists.ts';
import { scopes } from '../../../words/scopes.ts';
import { nameText } from './jobFields.ts';

const time = z.iso.datetime({ offset: true });
const tenYearsInDays = 3653;
const mostGraceSecs = 30 * 24 * 3600;

export const createKeyBody = z
  .object({
    project_id: nameText('project_id', 255)
      .optional()
      .meta({ description: 'What the key sees; `*` is every project. Absent: that of the key that asks.' }),
    name: nameText('name', 255).meta({ description: 'For people.' }),
    scopes: z
      .array(z.enum([...scopes, '*']))
      .max(50)
      .optional()
      .meta({ description: 'What the key may do. None, or `*`, is everything but `admin`.' }),
    expires_at: z.iso
      .datetime({ offset: true, error: 'expires_at must be a date and time of RFC 3339' })
      .optional()
      .meta({ description: 'When it ends; without it, it lasts as long as the key that asks.' }),
    expires_in_days: z
      .int()
      .min(1)
      .max(tenYearsInDays)
      .optional()
      .meta({ description: 'The same from now.' }),
  })
  .refine(({ expires_at, expires_in_days }) => expires_at === undefined || expires_in_days === undefined, {
    error: 'expires_at and expires_in_days are two ways to say one thing: give one of them',
  })
  .meta({ id: 'CreateAPIKeyRequest' });
export type CreateKeyBody = z.output<typeof createKeyBody>;

export const rotateKeyBody = z
  .object({
    grace_period_secs: z
      .int()
      .min(0)
      .max(mostGraceSecs)
      .optional()
      .meta({ description: 'How long the old key goes on; a day where absent, 30 days at most.' }),
    grace_period_minutes: z
      .int()
      .min(0)
      .max(mostGraceSecs / 60)
      .optional()
      .meta({ description: 'The same in minutes.' }),
  })
  .meta({ id: 'RotateAPIKeyRequest' });

export const apiKey = z
  .object({
    id: z.uuid(),
    project_id: z.string().meta({ description: '`*` is every project.' }),
    name: z.string(),
    key_prefix: z.string().meta({ description: 'How the key begins, to recognise it by.' }),
    scopes: z.array(z.string()),
    created_by: z.string().optional(),
    created_at: time,
    expires_at: time.optional(),
    revoked_at: time.optional(),
    rotated_to: z.uuid().optional().meta({ description: 'The key that took its place.' }),
    last_used_at: time.optional().meta({ description: 'Known after half a minute.' }),
  })
  .meta({ id: 'APIKey' });

export const madeApiKey = apiKey
  .extend({ key: z.string().meta({ description: 'The key itself. It is shown only now.' }) })
  .meta({ id: 'CreatedAPIKey' });

export const apiKeyList = z.union([z.array(apiKey), pageOf(apiKey)]).meta({
  id: 'APIKeyList',
  description: 'A page where limit or cursor was given, else an array.',
});
