// @ts-check
import { ApiError } from '../api.js';
import { fill, h } from '../dom.js';
import { isOpen, statusWord } from '../status.js';
/** @import { Job } from '../words.d.ts' */

/** Why a job could not be read, and what to do. @param {string} id */
export function createNotice(id) {
  const element = h('div', { class: 'notice', role: 'alert', hidden: true });
  return {
    element,
    /** @param {unknown} error @param {() => void} tryAgain */
    show(error, tryAgain) {
      const gone = error instanceof ApiError && error.status === 404;
      const text = error instanceof Error ? error.message : String(error);
      if (gone) fill(element, `There is no job ${id}.`, h('a', { href: '#/' }, 'All jobs'));
      else fill(element, text, h('button', { type: 'button', onclick: tryAgain }, 'Try again'));
      element.hidden = false;
    },
    hide() {
      element.hidden = true;
    },
  };
}

/** Tells a screen reader when the status becomes another one. */
export function createSpokenStatus() {
  const element = h('p', { class: 'off-screen', role: 'status' });
  /** @type {string | undefined} */
  let said;
  return {
    element,
    /** @param {Job} job */
    say(job) {
      const word = statusWord(job);
      const ended = `The job has ended: ${word}. ${job.error ?? ''}`;
      const text = isOpen(job.status) ? `The job is ${word}.` : ended;
      if (said !== undefined && said !== word) fill(element, text);
      said = word;
    },
  };
}
