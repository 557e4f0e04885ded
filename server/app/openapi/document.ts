import type { z } from 'zod';
import type { Operation, OperationAnswer, OperationGroup } from '../../http/operation.ts';
import { operationKey } from '../../http/operation.ts';
import { problem } from '../../doors/v1/schemas/problem.ts';
import type { Registered } from '../../http/route.ts';
import { collectComponents, type Components, type JsonSchema } from './components.ts';

/** What the parts of paths are. */
const partMeanings: Readonly<Record<string, string>> = {
  job: 'Id or slug of a job.',
  id: 'Its id.',
  execution: 'Its number.',
  runKey: 'The number of a run.',
  number: 'Its number, from 1.',
  jobType: 'The number of a job.',
  node: 'The number of an engine.',
  error: 'Its number.',
  stream: 'stdout, stderr or combined.',
  image: 'Its number, the id of the image, or its digest in a registry.',
  run: 'Id of a run.',
  message_id: 'Id of a run, in lower case.',
  app_name: 'A project.',
  delivery: 'Id of a delivery.',
  dependency: 'Id of a dependency.',
  version: 'Id of a version, ver_….',
};

/** The document of all these routes. What no group describes is left out. */
export function openapiDocument(
  routes: readonly Registered[],
  groups: readonly OperationGroup[],
): JsonSchema {
  const components = collectComponents();
  const refusal = {
    description: 'A refusal; code says which.',
    content: jsonContent(components.refer(problem)),
  };
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const group = groups.find(({ operations }) => operationKey(route) in operations);
    const operation = group?.operations[operationKey(route)];
    if (!group || !operation) continue;
    const path = documentPath(route.path);
    paths[path] ??= {};
    paths[path][route.method] = describe(route, group.tag, operation, components, refusal);
  }
  const used = new Set(Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(tagsOf)));
  return {
    openapi: '3.1.0',
    info: {
      title: 'docker-builder',
      version: '1',
      description:
        'A self-hosted Docker build server. Trailing slashes are accepted, HEAD works where GET does.',
    },
    tags: groups
      .filter(({ tag }) => used.has(tag))
      .map(({ tag, description }) => ({ name: tag, description })),
    paths,
    components: { schemas: components.named(), securitySchemes },
  };
}

const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', description: 'An API key, or DOCKER_BUILDER_TOKEN.' },
  runToken: { type: 'http', scheme: 'bearer', description: 'The token of a run: X-Run-Token.' },
  password: { type: 'http', scheme: 'basic' },
  session: { type: 'apiKey', in: 'cookie', name: 'docker-builder-session' },
} as const;

function describe(
  { path, rule }: Registered,
  tag: string,
  operation: Operation,
  components: Components,
  refusal: JsonSchema,
): JsonSchema {
  const { id, summary, description, proof, query, headers, body, answers } = operation;
  const parameters = [
    ...pathParameters(path),
    ...(query ? parametersOf(query, 'query', components) : []),
    ...(headers ? parametersOf(headers, 'header', components) : []),
  ];
  const said = Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, components)]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(rule, proof),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyOf(body, components) }),
    responses: { ...Object.fromEntries(said), default: refusal },
  };
}

/** Scopes are what a key needs; the administrator needs none. */
function securityOf(rule: Registered['rule'], proof: Operation['proof']): JsonSchema[] {
  if (proof !== undefined) return [{ [proof]: [] }];
  if (rule === 'public' || rule === 'signed') return [];
  return [{ key: [rule] }, { password: [] }, { session: [] }];
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: partMeanings[name] ?? name,
    schema: { type: 'string' },
  }));
}

function parametersOf(schema: z.ZodObject, place: 'query' | 'header', components: Components): JsonSchema[] {
  return Object.entries(schema.shape).map(([name, member]) => {
    const { description, ...own } = components.refer(member as z.ZodType);
    return {
      name,
      in: place,
      description,
      required: !(member as z.ZodType).safeParse(undefined).success,
      schema: own,
    };
  });
}

function bodyOf(body: NonNullable<Operation['body']>, components: Components): JsonSchema {
  const schema = components.refer(body.schema);
  const types = body.types ?? ['application/json'];
  return {
    required: body.optional !== true,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}

function answerOf(
  { description, schema, type, headers }: OperationAnswer,
  components: Components,
): JsonSchema {
  const content = {
    ...(type !== undefined && { [type]: { schema: { type: 'string' } } }),
    ...(schema && jsonContent(components.refer(schema))),
  };
  const meanings = Object.entries(headers ?? {}).map(([name, meaning]) => [
    name,
    { description: meaning, schema: { type: 'string' } },
  ]);
  return {
    description,
    ...(Object.keys(content).length > 0 && { content }),
    ...(meanings.length > 0 && { headers: Object.fromEntries(meanings) }),
  };
}

function jsonContent(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } };
}

/** `/jobs/:id` is `/jobs/{id}` there. */
export function documentPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

function tagsOf(operation: JsonSchema): unknown {
  return operation['tags'];
}
