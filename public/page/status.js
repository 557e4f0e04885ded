// @ts-check
import { h, setText } from './dom.js';
/** @import { Job, Status } from './words.d.ts' */

const running = new Set(['cloning', 'building', 'pushing']);

/** @param {Status} status */
export const isRunning = (status) => running.has(status);

/** Whether a job still waits or runs, and so can be canceled. @param {Status} status */
export const isOpen = (status) => status === 'created' || isRunning(status);

/** @param {Status} status */
export function statusPill(status) {
  const pill = h('span', {});
  setStatus(pill, status);
  return pill;
}

/** @param {HTMLElement} pill @param {Status} status */
export function setStatus(pill, status) {
  pill.className = `pill ${status}${isRunning(status) ? ' running' : ''}`;
  setText(pill, status);
}

/** For the tab of the browser. @param {Job} job */
export const titleOf = (job) => `${job.status} · ${job.account}/${job.repo} · docker-builder`;
