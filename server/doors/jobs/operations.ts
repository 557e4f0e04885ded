import { z } from 'zod';
import { idempotencyHeaders } from '../../http/idempotency.ts';
import type { Operation, OperationGroup } from '../../http/operation.ts';
import { attempts, build, buildList, buildRequest, lines } from './schemas.ts';
import { statuses } from './statuses.ts';

const make: Omit<Operation, 'id'> = {
  summary: 'Build a repository',
  description: `The body is read as JSON whatever its Content-Type is; its keys in any case. While a build of the repository
that was asked for with the same key of a header has not ended, the answer is that one; where it is of another ref, depth or
bobfile: 409.`,
  headers: idempotencyHeaders,
  body: { schema: buildRequest },
  answers: {
    201: { description: 'With sync: it completed.', schema: build },
    202: { description: 'It is queued, durably.', schema: build, headers: { Location: 'The build.' } },
    417: { description: 'With sync: it did not complete.', schema: build },
  },
};

const listQuery = z
  .object({
    account: z.string(),
    repo: z.string(),
    ref: z.string(),
    bobfile: z.string(),
    id: z.string(),
    status: z.enum(statuses),
    limit: z
      .union([z.int().min(1), z.literal('all')])
      .meta({ description: '1000 where absent; all streams everything.' }),
    before: z.uuid().meta({ description: 'Only what is older than this build.' }),
  })
  .partial();

/** The docker-builder interface. */
export const buildOperations: OperationGroup = {
  tag: 'Builds',
  description: 'The docker-builder interface: a build is a run of an image job.',
  operations: {
    'post /docker-build': { ...make, id: 'dockerBuild', summary: 'Build a repository (the older name)' },
    'get /jobs': {
      id: 'listBuilds',
      summary: 'List builds',
      description: 'Filters match exactly and together.',
      query: listQuery,
      answers: {
        200: {
          description: 'Newest first.',
          schema: buildList,
          headers: { 'X-Total-Count': 'How many match.', Link: 'The next page, where there is one.' },
        },
      },
    },
    'post /jobs': { ...make, id: 'createBuild' },
    'get /jobs/:id': {
      id: 'getBuild',
      summary: 'Show a build',
      answers: { 200: { description: 'The build.', schema: build } },
    },
    'delete /jobs/:id': {
      id: 'cancelBuild',
      summary: 'Cancel a build',
      answers: { 202: { description: 'It is canceled when its work has stopped.', schema: build } },
    },
    'get /jobs/:id/attempts': {
      id: 'listBuildAttempts',
      summary: 'List the tries of a build',
      answers: { 200: { description: 'With their phases and steps.', schema: attempts } },
    },
    'get /jobs/:id/tail': {
      id: 'tailBuildLog',
      summary: 'The last lines of a log',
      description: 'The same path takes a websocket, which goes on with what comes.',
      query: z.object({ n: z.int().min(1).optional().meta({ description: '100 where absent.' }) }),
      answers: {
        200: { description: 'As text.', type: 'text/plain' },
        400: { description: 'n is no number; as text.', type: 'text/plain' },
        412: { description: 'n is below 1, or the log is archived; as text.', type: 'text/plain' },
      },
    },
    'get /jobs/:id/log': {
      id: 'getBuildLog',
      summary: 'The whole log',
      answers: { 200: { description: 'As text.', type: 'text/plain' } },
    },
    'get /jobs/:id/lines': {
      id: 'getBuildLines',
      summary: 'A part of a log',
      query: z.object({ from: z.int().min(1), to: z.int().min(1) }),
      answers: { 200: { description: 'At most 5000 lines with their times and streams.', schema: lines } },
    },
  },
};
