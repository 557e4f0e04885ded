// @ts-check
import { fill, h, setText } from './dom.js';

const remembered = 'docker-builder:signed-in';

/** @type {Promise<void> | undefined} */
let asking;

/** Shows the form until the server takes what is typed; however many ask, there is one form. */
export function askSignIn() {
  asking ??= showForm().finally(() => (asking = undefined));
  return asking;
}

/** @returns {Promise<void>} */
function showForm() {
  const { promise, resolve } = Promise.withResolvers();
  const problem = h('p', { class: 'problem', role: 'alert' });
  const form = h(
    'form',
    { class: 'sign-in', onsubmit: (/** @type {SubmitEvent} */ event) => void submit(event) },
    h('h2', { id: 'sign-in-title' }, 'Sign in'),
    field('User name', { name: 'username', autocomplete: 'username' }),
    field('Password', { name: 'password', type: 'password', autocomplete: 'current-password' }),
    h('p', { class: 'or' }, 'or'),
    field('Token', { name: 'token', type: 'password', autocomplete: 'off' }),
    problem,
    h('button', { class: 'primary' }, 'Sign in'),
  );
  const dialog = h('dialog', { 'aria-labelledby': 'sign-in-title', oncancel: keepOpen }, form);
  document.body.append(dialog);
  dialog.showModal();

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const refusal = await openSession(credentialIn(new FormData(form)));
    setText(problem, refusal ?? '');
    if (refusal !== undefined) return;
    dialog.remove();
    resolve(undefined);
  }
  return promise;
}

/** Without a session there is nothing behind the form. @param {Event} event */
const keepOpen = (event) => event.preventDefault();

/** @param {FormData} data */
function credentialIn(data) {
  const token = data.get('token');
  return token ? { token } : { username: data.get('username'), password: data.get('password') };
}

/** @param {object} credential @returns {Promise<string | undefined>} why it was refused */
async function openSession(credential) {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(credential) };
  const response = await fetch('session', init).catch(() => undefined);
  if (!response) return 'The server cannot be reached. Try again.';
  if (!response.ok)
    return response.status === 401
      ? 'That is not right. Check it and try again.'
      : `The server answered ${response.status}.`;
  localStorage.setItem(remembered, 'yes');
  return undefined;
}

/** A button that ends the session, where one was opened here. @param {Element} place */
export function showSignOut(place) {
  if (localStorage.getItem(remembered) === null) return;
  const leave = async () => {
    await fetch('session', { method: 'DELETE' }).catch(() => undefined);
    localStorage.removeItem(remembered);
    location.reload();
  };
  fill(place, h('button', { class: 'quiet', onclick: () => void leave() }, 'Sign out'));
}

/** @param {string} label @param {import('./dom.js').Attributes} attributes */
const field = (label, attributes) => h('label', {}, h('span', {}, label), h('input', attributes));
