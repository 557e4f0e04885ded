// @ts-check
/** @import { Schema } from './types.d.ts' */

/** Those of the document, for whoever refers to them. @type {Record<string, Schema>} */
let known = {};

/** @param {Record<string, Schema>} schemas */
export function knowSchemas(schemas) {
  known = schemas;
}

/** The schema that is meant. @param {Schema} schema @returns {Schema} */
export function resolved(schema) {
  return schema.$ref === undefined ? schema : (known[nameOf(schema.$ref)] ?? {});
}

/** @param {string} reference */
export function nameOf(reference) {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
