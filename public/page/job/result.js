// @ts-check
import { getRun } from '../api.js';
import { copyButton } from '../copy.js';
import { fill, h } from '../dom.js';
import { isOpen } from '../status.js';
/** @import { Job } from '../words.d.ts' */

/** More of it would only make the page slow; it is copied whole. */
const mostShown = 20_000;

/**
 * What a run gave back that built no image.
 * @param {AbortSignal} signal
 */
export function createResult(signal) {
  const element = h('section', { class: 'result', hidden: true });
  let read = false;

  /** @param {Job} job */
  async function show({ id, kind, status }) {
    if (!kind || isOpen(status) || read) return;
    read = true;
    const { result } = await getRun(id, signal).catch(forget);
    if (result !== undefined) draw(JSON.stringify(result, undefined, 2));
  }

  /** It is asked for again with the next change. */
  function forget() {
    read = false;
    return { result: undefined };
  }

  /** @param {string} text */
  function draw(text) {
    const cut = text.length > mostShown;
    fill(
      element,
      h('h2', {}, 'Result'),
      copyButton(text, 'result'),
      h('pre', { tabindex: 0 }, cut ? `${text.slice(0, mostShown)}…` : text),
    );
    element.hidden = false;
  }

  return { element, show: (/** @type {Job} */ job) => void show(job) };
}
