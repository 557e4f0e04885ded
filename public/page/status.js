// @ts-check
import { h, setText } from './dom.js';
/** @import { Job, Status } from './words.d.ts' */

const running = new Set(['cloning', 'building', 'pushing']);

/** @param {Status} status */
export const isRunning = (status) => running.has(status);

/** Whether a job still waits or runs, and so can be canceled. @param {Status} status */
export const isOpen = (status) => status === 'created' || isRunning(status);

/** What is said of a job: one that builds no image is just running. @param {Job} job */
export const statusWord = ({ status, kind }) => (kind && isRunning(status) ? 'running' : status);

/** @param {Job} job */
export function statusPill(job) {
  const pill = h('span', {});
  setStatus(pill, job);
  return pill;
}

/** @param {HTMLElement} pill @param {Job} job */
export function setStatus(pill, job) {
  pill.className = `pill ${job.status}${isRunning(job.status) ? ' running' : ''}`;
  setText(pill, statusWord(job));
}

/** For the tab of the browser. @param {Job} job */
export const titleOf = (job) => `${statusWord(job)} · ${job.account}/${job.repo} · docker-builder`;
