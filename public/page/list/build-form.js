// @ts-check
import { postJob } from '../api.js';
import { h, setText } from '../dom.js';
import { jobHash } from '../router.js';

/** Asks for a build, then goes to its page. */
export function createBuildForm() {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const button = h('button', { class: 'primary' }, 'Build');
  const form = h(
    'form',
    { class: 'build-form', onsubmit: (/** @type {SubmitEvent} */ event) => void submit(event) },
    field('Account', 'account', 'modcloth'),
    field('Repository', 'repo', 'docker-builder'),
    field('Ref', 'ref', 'main'),
    button,
    problem,
  );

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const data = new FormData(form);
    const text = (/** @type {string} */ name) => {
      const value = data.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    button.disabled = true;
    setText(problem, '');
    try {
      const job = await postJob({ account: text('account'), repo: text('repo'), ref: text('ref') });
      location.hash = jobHash(job.id);
    } catch (error) {
      setText(problem, error instanceof Error ? error.message : String(error));
    }
    button.disabled = false;
  }

  return h('details', { class: 'build-now' }, h('summary', { class: 'button' }, 'Build now'), form);
}

/** @param {string} label @param {string} name @param {string} placeholder */
const field = (label, name, placeholder) =>
  h(
    'label',
    {},
    h('span', {}, label),
    h('input', {
      name,
      placeholder,
      required: true,
      autocomplete: 'off',
      autocapitalize: 'none',
      spellcheck: 'false',
    }),
  );
