// @ts-check
import { resolved } from './schemas.js';
/** @import { Schema } from './types.d.ts' */

/**
 * The smallest value that fits a schema, for a person to fill in.
 * @param {Schema} schema
 * @returns {unknown}
 */
export function exampleOf(schema) {
  const { $ref, anyOf, const: only, enum: words, properties } = schema;
  if ($ref !== undefined) return exampleOf(resolved(schema));
  if (anyOf) return exampleOf(anyOf[0] ?? {});
  if (only !== undefined) return only;
  if (words) return words[0];
  return properties ? exampleOfFields(schema) : exampleOfType(schema);
}

/** @param {Schema} schema */
function exampleOfFields({ properties = {}, required = [] }) {
  const needed = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(needed.map(([name, field]) => [name, exampleOf(field)]));
}

/** @param {Schema} schema @returns {unknown} */
function exampleOfType({ type, items, minimum }) {
  switch (type) {
    case 'array':
      return [exampleOf(items ?? {})];
    case 'integer':
    case 'number':
      return minimum ?? 0;
    case 'boolean':
      return true;
    case 'string':
      return '…';
    default:
      return {};
  }
}
