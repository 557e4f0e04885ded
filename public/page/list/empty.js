// @ts-check
import { copyButton } from '../copy.js';
import { h } from '../dom.js';
import { listHash } from '../router.js';

/** What a newcomer sees: how to ask for the first build. */
export function welcome() {
  const order = JSON.stringify({ account: 'modcloth', repo: 'docker-builder', ref: 'master' });
  const command = `curl -X POST ${new URL('jobs', document.baseURI)} \\\n  -d '${order}'`;
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No jobs yet'),
    h('p', {}, 'Ask for the first build in a terminal, or with the button above. It shows up here at once.'),
    h('div', { class: 'command' }, h('pre', { tabindex: 0 }, command), copyButton(command, 'command')),
    h(
      'p',
      { class: 'dim' },
      'Where the server asks for a password, add ',
      h('code', {}, '-u user:password'),
      '.',
    ),
  );
}

/** Nothing fits the filter. */
export const noneFit = () =>
  h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No job fits'),
    h('p', {}, 'Names are compared whole. ', h('a', { href: listHash({}) }, 'Show all jobs')),
  );
