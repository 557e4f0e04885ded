// @ts-check
import { cancelJob } from '../api.js';
import { fill, h } from '../dom.js';
/** @import { Job } from '../words.d.ts' */

/**
 * Cancels after a second look, in place: no dialog covers the log meanwhile.
 * @param {Job} job
 * @param {() => void} changed
 */
export function cancelButton({ id, kind }, changed) {
  const place = h('div', { class: 'cancel' });

  /** @param {string} [said] */
  function offer(said) {
    const button = h('button', { type: 'button', onclick: ask }, 'Cancel');
    fill(place, said ? problem(said) : undefined, button);
    return button;
  }

  function ask() {
    const yes = h(
      'button',
      { class: 'danger', type: 'button', onclick: () => void cancel() },
      'Yes, cancel it',
    );
    const no = h('button', { type: 'button', onclick: () => offer().focus() }, 'Keep it');
    fill(place, h('span', {}, kind ? 'Stop this run?' : 'Stop this build?'), yes, no);
    no.focus();
  }

  async function cancel() {
    fill(place, h('span', { role: 'status' }, 'Canceling…'));
    try {
      await cancelJob(id);
    } catch (error) {
      offer(error instanceof Error ? error.message : String(error)).focus();
    }
    changed();
  }

  offer();
  return place;
}

/** @param {string} text */
const problem = (text) => h('span', { class: 'problem', role: 'alert' }, text);
