import { z } from 'zod';
import { build } from '../../doors/jobs/schemas.ts';
import type { OperationGroup } from '../../http/operation.ts';

const said = z.object({ message: z.string() });
const nothing = z.object({ reason: z.string().meta({ description: 'Why nothing is built.' }) });
const anything = z.record(z.string(), z.unknown());
const types = ['application/json', 'application/x-www-form-urlencoded'];

/** Webhooks that this server takes. */
export const incomingOperations: OperationGroup = {
  tag: 'Incoming webhooks',
  description: 'Signed by those who send them. A form has the JSON in its field payload.',
  operations: {
    'post /docker-build/github': {
      id: 'githubWebhook',
      summary: 'A webhook of GitHub',
      description: 'A push builds the commit that it ends at, once a delivery.',
      headers: z.object({
        'X-GitHub-Event': z.string(),
        'X-GitHub-Delivery': z.string().optional(),
        'X-Hub-Signature-256': z.string().optional().meta({
          description: 'sha256=, and the HMAC-SHA256 of the body with DOCKER_BUILDER_GITHUBSECRET.',
        }),
        'X-Hub-Signature': z.string().optional().meta({ description: 'The older one, where it is alone.' }),
      }),
      body: { schema: anything, types },
      answers: {
        200: { description: 'A ping.', schema: said },
        202: {
          description: 'The build, or why nothing is built.',
          schema: z.union([build, nothing]),
          headers: { Location: 'The build.' },
        },
      },
    },
    'post /docker-build/travis': {
      id: 'travisWebhook',
      summary: 'A notification of Travis CI',
      headers: z.object({
        'Travis-Repo-Slug': z.string().optional(),
        Authorization: z
          .string()
          .optional()
          .meta({ description: 'SHA-256 of the slug and DOCKER_BUILDER_TRAVISTOKEN.' }),
      }),
      query: z.object({
        payload: z.string().optional().meta({ description: 'The JSON, in place of the body.' }),
      }),
      body: { schema: anything, types, optional: true },
      answers: { 202: { description: 'The build.', schema: build, headers: { Location: 'The build.' } } },
    },
  },
};
