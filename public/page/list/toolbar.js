// @ts-check
import { h, setText } from '../dom.js';
import { grouped } from '../format.js';
import { listHash } from '../router.js';
import { createBuildForm } from './build-form.js';
import { filterText, parseFilter } from './filter.js';

const statuses = [
  'created',
  'cloning',
  'building',
  'pushing',
  'completed',
  'errored',
  'canceled',
  'archived',
];

/** Count, connection, filter and the form for a build. @param {Record<string, string>} filter */
export function createToolbar(filter) {
  const count = h('span', { class: 'count', role: 'status' });
  const live = h('span', { class: 'connection connecting' }, 'Connecting…');
  const element = h(
    'div',
    { class: 'list-bar' },
    h('h1', {}, 'Jobs'),
    count,
    live,
    filterForm(filter),
    createBuildForm(),
  );
  return {
    element,
    /** @param {number} total */
    showCount: (total) => setText(count, total > 0 ? grouped(total) : ''),
    /** @param {boolean} isLive */
    showLive(isLive) {
      live.className = `connection ${isLive ? 'live' : 'waiting'}`;
      setText(live, isLive ? 'Live' : 'Connection lost, trying again');
    },
  };
}

/** @param {Record<string, string>} filter */
function filterForm(filter) {
  const field = h('input', {
    type: 'search',
    name: 'filter',
    'aria-label': 'Filter',
    placeholder: 'Filter: acme/shop ref:main',
    title: 'Words: account/repo, account/, repo, ref:main, status:errored. Each is compared whole.',
    value: filterText(filter),
    list: 'filters',
    autocapitalize: 'none',
    spellcheck: 'false',
  });
  const words = statuses.map((status) => h('option', { value: `status:${status}` }));
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    location.hash = listHash(parseFilter(field.value));
  };
  return h(
    'form',
    { class: 'filter', role: 'search', onsubmit: submit, onsearch: submit },
    field,
    h('datalist', { id: 'filters' }, ...words),
  );
}
