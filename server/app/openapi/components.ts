import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** The schemas of the document, each named one once. */
export interface Components {
  /** What refers to a schema: a reference where it has a name, else the schema itself. */
  refer(schema: z.ZodType): JsonSchema;
  /** The named ones, by their names. */
  named(): Record<string, JsonSchema>;
}

/** Throws an Error where two schemas have one name. */
export function collectComponents(): Components {
  const found = new Map<string, JsonSchema>();
  return {
    refer(schema) {
      const { $schema: _, $defs = {}, ...own } = convert(schema);
      for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>)) {
        const known = found.get(name);
        if (known && JSON.stringify(known) !== JSON.stringify(definition))
          throw new Error(`two schemas of the document are named ${name}`);
        found.set(name, definition);
      }
      return own;
    },
    named: () => Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function convert(schema: z.ZodType): JsonSchema {
  const converted = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    // Answers have the same form: none of their schemas changes what it checks.
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => simplify(jsonSchema),
  });
  return JSON.parse(
    JSON.stringify(converted).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as JsonSchema;
}

/** Leaves out what says nothing to a reader: how a format is checked, and the bounds of every number. */
function simplify(schema: JsonSchema): void {
  if (typeof schema['format'] === 'string') delete schema['pattern'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  const names = schema['propertyNames'];
  if (JSON.stringify(names) === '{"type":"string"}') delete schema['propertyNames'];
}
