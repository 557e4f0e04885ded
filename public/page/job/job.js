// @ts-check
import { ApiError, getAttempts, getJob } from '../api.js';
import { fill, h } from '../dom.js';
import { createLogPane } from '../log/pane.js';
import { titleOf } from '../status.js';
import { createHeader } from './header.js';
import { createNotice, createSpokenStatus } from './notice.js';
import { createResult } from './result.js';
import { createSteps } from './steps.js';
/** @import { Frame, Job } from '../words.d.ts' */
/** @import { JobRoute } from '../router.js' */

/** After a change the job is read once, however many frames told of it. */
const readAfterMs = 200;

/**
 * One job: its header, its steps, its log.
 * @param {Element} place
 * @param {JobRoute} route
 */
export function openJob(place, route) {
  const { id } = route;
  const stop = new AbortController();
  const header = createHeader({ changed: readSoon });
  const steps = createSteps({ show: (step) => void log?.showStep(step) });
  const result = createResult(stop.signal);
  const notice = createNotice(id);
  const body = h('div', { class: 'job-body' }, steps.element);
  const spoken = createSpokenStatus();
  fill(
    place,
    h('article', { class: 'job' }, header.element, result.element, notice.element, body, spoken.element),
  );
  /** @type {ReturnType<typeof createLogPane> | undefined} */
  let log;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const clock = setInterval(() => {
    header.tick();
    steps.tick();
  }, 1000);

  void read().then(openLog);

  /** @returns {Promise<Job | undefined>} */
  async function read() {
    try {
      const [job, attempts] = await Promise.all([getJob(id, stop.signal), getAttempts(id, stop.signal)]);
      if (stop.signal.aborted) return undefined;
      header.show(job);
      steps.show(job, attempts);
      result.show(job);
      document.title = titleOf(job);
      notice.hide();
      spoken.say(job);
      return job;
    } catch (error) {
      if (!stop.signal.aborted) notice.show(error, readAgain);
      return undefined;
    }
  }

  /** @param {Job | undefined} job */
  function openLog(job) {
    if (!job) return;
    if (job.status === 'archived') {
      body.append(h('p', { class: 'no-log' }, 'This job is archived. Its log is no longer kept.'));
      return;
    }
    log = createLogPane({ job: id, frame: take, lost: stillThere });
    log.select(route.line);
    body.append(log.element);
  }

  /** @param {Frame} frame */
  function take(frame) {
    if (frame.type === 'step') steps.take(frame.step);
    else if (frame.type === 'state' || frame.type === 'end') readSoon();
  }

  function readSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), readAfterMs);
  }

  /** Whether to go on trying; asks the server, so that a lost session shows the form. */
  async function stillThere() {
    try {
      await getJob(id, stop.signal);
      readSoon();
      return true;
    } catch (error) {
      return !(error instanceof ApiError && error.status === 404);
    }
  }

  const readAgain = () => void read().then((job) => log ?? openLog(job));

  return {
    /** Another line of the same job. @param {import('../router.js').Route} next */
    update(next) {
      if (next.view !== 'job' || next.id !== id) return false;
      log?.select(next.line);
      return true;
    },
    close() {
      stop.abort();
      clearTimeout(timer);
      clearInterval(clock);
      log?.close();
    },
  };
}
