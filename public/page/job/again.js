// @ts-check
import { getRun, postJob, replayRun, trigger } from '../api.js';
import { h, setText } from '../dom.js';
import { jobHash } from '../router.js';
/** @import { Job } from '../words.d.ts' */

/** Asks for the same once more, and goes to its page. @param {Job} job */
export function againButton(job) {
  const button = h(
    'button',
    { type: 'button', onclick: () => void again() },
    job.kind ? 'Run again' : 'Build again',
  );
  async function again() {
    button.disabled = true;
    try {
      const next = await (job.kind ? runAgain(job) : buildAgain(job));
      location.hash = jobHash(next.id);
    } catch (error) {
      button.disabled = false;
      setText(button, error instanceof Error ? error.message : 'That did not work. Try again');
    }
  }
  return button;
}

/** @param {Job} job */
const buildAgain = ({ account, repo, ref }) => postJob({ account, repo, ref });

/** With the same payload. @param {Job} job */
async function runAgain({ id, status, reason }) {
  if (status === 'errored' && reason !== 'expired') return replayRun(id);
  const { job_id: of, payload } = await getRun(id);
  // What is no object is shown in one: it cannot be told from an object that looks so.
  if (Object.keys(payload ?? {}).join() === 'value')
    throw new Error('Its payload is not known here exactly: trigger the job itself');
  return trigger(of, payload);
}
