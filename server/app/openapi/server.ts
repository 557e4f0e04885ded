import { z } from 'zod';
import type { OperationGroup } from '../../http/operation.ts';

const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

const readiness = z
  .object({
    store: z.literal('ok'),
    engines: z.record(z.string(), z.string()).meta({ description: 'The state of each engine, by its name.' }),
  })
  .meta({ id: 'Readiness' });

const parts = z
  .object({
    status: z.enum(['up', 'degraded', 'down']),
    components: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['up', 'down']),
        latency_ms: z.int().min(0).optional(),
        error: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Components' });

const credential = z
  .union([z.object({ token: z.string() }), z.object({ username: z.string(), password: z.string() })])
  .meta({ id: 'Credential' });

const start = z
  .object({
    from: z.int().min(1).meta({ description: 'The first line.' }),
    n: z.int().min(1).meta({ description: 'So many lines from the end; 100 where neither is given.' }),
  })
  .partial();

/** What the server says of itself, who is logged in, and what happens at this moment. */
export const serverOperations: OperationGroup = {
  tag: 'Server',
  description: 'Health, the session of the page, and event streams.',
  operations: {
    'get /health': {
      id: 'getHealth',
      summary: 'Whether the server answers',
      answers: {
        200: { description: 'It does. JSON for those who accept it.', schema: health, type: 'text/plain' },
      },
    },
    'get /health/ready': {
      id: 'getComponents',
      summary: 'Which parts of the server answer',
      answers: {
        200: { description: 'The database does.', schema: parts },
        503: { description: 'The database does not.', schema: parts },
      },
    },
    'get /ready': {
      id: 'getReadiness',
      summary: 'Whether the store and an engine answer',
      description: 'A server without engines needs none. One that is being stopped is not ready any more.',
      answers: { 200: { description: 'They do.', schema: readiness } },
    },
    'get /livez': {
      id: 'getLiveness',
      summary: 'The same as /health',
      answers: {
        200: { description: 'It answers. JSON for those who accept it.', schema: health, type: 'text/plain' },
      },
    },
    'get /readyz': {
      id: 'getReadinessOfProcess',
      summary: 'The same as /ready',
      answers: { 200: { description: 'It may be given work.', schema: readiness } },
    },
    'get /openapi.json': {
      id: 'getOpenapi',
      summary: 'This document',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    },
    'post /session': {
      id: 'logIn',
      summary: 'Log the page in',
      body: { schema: credential },
      answers: {
        204: { description: 'It is in a cookie from now on.', headers: { 'Set-Cookie': 'The session.' } },
      },
    },
    'delete /session': {
      id: 'logOut',
      summary: 'Log the page out',
      answers: {
        204: { description: 'The cookie is gone.', headers: { 'Set-Cookie': 'Ends the session.' } },
      },
    },
    'get /events': {
      id: 'streamBuilds',
      summary: 'Every change of every build, as it happens',
      answers: { 200: { description: 'Events `run`, each with a build.', type: 'text/event-stream' } },
    },
    'get /jobs/:id/stream': {
      id: 'streamBuildLog',
      summary: 'The log of a build, as it grows',
      description: 'Events lines, gap, state, step and end. Last-Event-ID goes on behind that line.',
      query: start,
      answers: { 200: { description: 'Ends with the build.', type: 'text/event-stream' } },
    },
  },
};
