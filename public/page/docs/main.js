// @ts-check
import { fill, h } from '../dom.js';
import { fieldsOf } from './fields.js';
import { operationView } from './operation.js';
import { knowSchemas } from './schemas.js';
/** @import { Document, Place } from './types.d.ts' */

const main = /** @type {HTMLElement} */ (document.querySelector('main'));

try {
  const response = await fetch('openapi.json');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  show(await response.json());
} catch (error) {
  fill(main, h('p', { class: 'notice' }, error instanceof Error ? error.message : String(error)));
}
document.body.dataset['view'] = 'docs';

/** @param {Document} shown */
function show(shown) {
  knowSchemas(shown.components.schemas);
  const places = placesOf(shown);
  const groups = shown.tags.map((tag) => ({
    tag,
    own: places.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter: run, POST, webhook …',
    'aria-label': 'Filter',
    oninput: () => narrow(filter.value),
  });
  fill(
    main,
    h(
      'div',
      { class: 'docs' },
      h('nav', { 'aria-label': 'Operations' }, filter, ...groups.map(({ tag, own }) => menu(tag.name, own))),
      h(
        'div',
        { class: 'docs-body' },
        h('h1', {}, 'The HTTP interface'),
        h('p', { class: 'docs-lead' }, shown.info.description),
        ...groups.map(({ tag, own }) => section(tag, own)),
        components(shown),
      ),
    ),
  );
  const follow = () => {
    if (!named()?.hidden) return reveal();
    filter.value = '';
    narrow('');
    reveal();
  };
  window.addEventListener('hashchange', follow);
  follow();
}

/** @param {Document} shown @returns {Place[]} */
function placesOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** @param {string} name @param {Place[]} places */
function menu(name, places) {
  const entries = places.map(({ method, path, operation }) =>
    h(
      'li',
      { 'data-words': wordsOf({ method, path, operation }) },
      h('a', { href: `#${operation.operationId}` }, operation.summary),
    ),
  );
  return h('section', {}, h('h2', {}, name), h('ol', {}, ...entries));
}

/** @param {Document['tags'][number]} tag @param {Place[]} places */
function section({ name, description }, places) {
  const views = places.map((place) => {
    const view = operationView(place);
    view.dataset['words'] = wordsOf(place);
    return view;
  });
  return h('section', {}, h('h2', {}, name), h('p', { class: 'docs-lead' }, description), ...views);
}

/** @param {Document} shown */
function components({ components: { schemas } }) {
  const views = Object.entries(schemas).map(([name, schema]) =>
    h(
      'details',
      { class: 'docs-operation', id: `schema-${name}`, 'data-words': name.toLowerCase() },
      h('summary', {}, h('code', {}, name), h('span', { class: 'docs-summary' }, schema.description ?? '')),
      fieldsOf({ ...schema, description: '' }),
    ),
  );
  return h('section', {}, h('h2', {}, 'Schemas'), ...views);
}

/** @param {Place} place */
function wordsOf({ method, path, operation }) {
  return `${method} ${path} ${operation.summary} ${operation.operationId} ${operation.tags.join(' ')}`.toLowerCase();
}

/** Shows only what has all the words. @param {string} text */
function narrow(text) {
  const words = text.toLowerCase().split(/\s+/);
  for (const element of document.querySelectorAll('[data-words]'))
    if (element instanceof HTMLElement)
      element.hidden = !words.every((word) => element.dataset['words']?.includes(word));
  for (const element of document.querySelectorAll('.docs section'))
    if (element instanceof HTMLElement) element.hidden = !element.querySelector('[data-words]:not([hidden])');
}

/** What the address names. */
function named() {
  return document.getElementById(location.hash.slice(1));
}

/** Opens what the address names. */
function reveal() {
  const element = named();
  if (!(element instanceof HTMLDetailsElement)) return;
  element.open = true;
  element.scrollIntoView();
}
