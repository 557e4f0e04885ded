// @ts-check
import { h } from '../dom.js';
import { nameOf, resolved } from './schemas.js';
/** @import { Child } from '../dom.js' */
/** @import { Schema } from './types.d.ts' */

/** Fields inside fields are shown so deep. */
const deepest = 4;

/**
 * What a schema allows, as text; named ones as links to them.
 * @param {Schema} schema
 * @returns {HTMLElement}
 */
export function typeOf(schema) {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref);
    return h('a', { href: `#schema-${name}` }, name);
  }
  if (schema.anyOf) return joined(schema.anyOf.map(typeOf), ' or ');
  if (schema.prefixItems) return h('span', {}, '[', joined(schema.prefixItems.map(typeOf), ', '), ']');
  if (schema.type === 'array') return h('span', {}, 'list of ', typeOf(schema.items ?? {}));
  if (isMap(schema)) return h('span', {}, 'map of ', typeOf(valueOf(schema)));
  return h('span', {}, [plainType(schema), boundsOf(schema)].filter((part) => part !== '').join(', '));
}

/**
 * The fields of a schema, or its type where it has none. One that is named is told by its name too.
 * @param {Schema} schema
 * @param {number} [depth]
 * @returns {HTMLElement}
 */
export function fieldsOf(schema, depth = 0) {
  if (schema.$ref !== undefined && resolved(schema).properties && depth === 0)
    return h('div', {}, h('p', { class: 'docs-type' }, typeOf(schema)), fieldsOf(resolved(schema)));
  const { properties, required = [], description } = schema;
  if (!properties || depth > deepest)
    return h('p', { class: 'docs-type' }, typeOf(schema), note(description));
  const rows = Object.entries(properties).map(([name, field]) =>
    row(name, required.includes(name), typeOf(field), field.description ?? '', innerOf(field, depth)),
  );
  return h(
    'div',
    {},
    description !== undefined && description !== '' && h('p', {}, description),
    table(rows),
  );
}

/** @param {HTMLElement[]} rows */
export function table(rows) {
  return h('table', { class: 'docs-fields' }, h('tbody', {}, ...rows));
}

/**
 * @param {string} name
 * @param {boolean} required
 * @param {Child} type
 * @param {string} meaning
 * @param {Child} [inner]
 */
export function row(name, required, type, meaning, inner) {
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h('code', {}, name),
      required && h('span', { class: 'docs-required' }, 'required'),
    ),
    h('td', {}, h('div', { class: 'docs-type' }, type), meaning !== '' && h('div', {}, meaning), inner),
  );
}

/** The fields of a field. @param {Schema} schema @param {number} depth @returns {HTMLElement | undefined} */
function innerOf(schema, depth) {
  const inner = schema.type === 'array' ? schema.items : isMap(schema) ? valueOf(schema) : schema;
  return inner?.properties && depth < deepest
    ? fieldsOf({ ...inner, description: '' }, depth + 1)
    : undefined;
}

/** @param {Schema} schema */
function plainType({ type, format, enum: words, const: only }) {
  if (only !== undefined) return JSON.stringify(only);
  if (words) return words.map(String).join(' | ');
  return format === undefined ? (type ?? 'anything') : `${type ?? ''} (${format})`;
}

/** @param {Schema} schema */
function boundsOf({ minimum, maximum, minLength, maxLength }) {
  const parts = [
    minimum !== undefined && `from ${minimum}`,
    maximum !== undefined && `to ${maximum}`,
    minLength !== undefined && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

/** @param {Schema} schema */
function isMap({ type, properties, additionalProperties }) {
  return type === 'object' && !properties && typeof additionalProperties === 'object';
}

/** @param {Schema} schema @returns {Schema} */
function valueOf({ additionalProperties }) {
  return typeof additionalProperties === 'object' ? additionalProperties : {};
}

/** @param {string | undefined} description */
function note(description) {
  return description === undefined || description === '' ? undefined : `: ${description}`;
}

/** @param {HTMLElement[]} parts @param {string} separator */
function joined(parts, separator) {
  return h('span', {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part])));
}
