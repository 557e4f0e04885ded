import type { JobDefinition } from '../../words/job.ts';
import { signingSecret } from '../http/secrets.ts';
import { webhookSecret } from '../notify/secrets.ts';
import type { Room } from '../room.ts';
import type { DefinitionWish } from './definition.ts';

type Turn = (text: string, context: string) => string;

/** The same wish with its secrets sealed for a job. */
export function sealSecrets(
  { sealer }: Pick<Room, 'sealer'>,
  jobId: string,
  wish: DefinitionWish,
): DefinitionWish {
  return turned(jobId, wish, sealer.seal);
}

/** A definition whose secrets are sealed for another job than they were. */
export function resealed(
  { sealer }: Pick<Room, 'sealer'>,
  definition: JobDefinition,
  from: string,
  to: string,
): JobDefinition {
  return turned(to, turned(from, definition, sealer.open), sealer.seal);
}

/** An empty secret is none. */
function turned<T extends DefinitionWish>(jobId: string, wish: T, turn: Turn): T {
  const { webhookSecret: webhook, http } = wish;
  const signing = http?.signingSecret;
  return {
    ...wish,
    ...(webhook && { webhookSecret: turn(webhook, webhookSecret(jobId)) }),
    ...(signing && { http: { ...http, signingSecret: turn(signing, signingSecret(jobId)) } }),
  };
}
