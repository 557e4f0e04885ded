// @ts-check
import { getJobs } from '../api.js';
import { eachFrame, fill, h, setText } from '../dom.js';
import { listHash } from '../router.js';
import { noneFit, welcome } from './empty.js';
import { fits, known } from './filter.js';
import { watchJobs } from './live.js';
import { createRows } from './rows.js';
import { createToolbar } from './toolbar.js';
/** @import { Job } from '../words.d.ts' */
/** @import { ListRoute } from '../router.js' */

const pageLength = 50;

/**
 * The jobs, newest first, a page of them at a time.
 * @param {Element} place
 * @param {ListRoute} route
 */
export function openList(place, { query }) {
  const filter = known(query);
  const before = query['before'];
  const stop = new AbortController();
  const frames = eachFrame(draw);
  const toolbar = createToolbar(filter);
  const rows = createRows();
  const empty = h('div', {});
  const problem = h('p', { class: 'notice', role: 'alert', hidden: true });
  const paging = h('nav', { class: 'paging', 'aria-label': 'Pages' });
  /** Newest first; undefined until they were read. @type {Job[] | undefined} */
  let jobs;
  let total = 0;
  let reads = 0;
  /** Changes that came while the list is read: what is read may be older. @type {Job[] | undefined} */
  let meanwhile;

  document.title = 'docker-builder';
  fill(place, h('div', { class: 'list' }, toolbar.element, problem, rows.element, empty, paging));
  const clock = setInterval(rows.tick, 1000);
  const watch = watchJobs({ changed: take, connected: read, state: toolbar.showLive });
  void read();

  async function read() {
    const page = { ...filter, limit: String(pageLength), ...(before && { before }) };
    const mine = ++reads;
    meanwhile = [];
    try {
      const found = await getJobs(page, stop.signal);
      if (mine !== reads) return;
      ({ jobs, total } = found);
      const changes = meanwhile;
      meanwhile = undefined;
      changes.forEach(take);
      problem.hidden = true;
      frames.ask();
    } catch (error) {
      if (mine === reads) meanwhile = undefined;
      if (!stop.signal.aborted) showProblem(error);
    }
  }

  /** @param {unknown} error */
  function showProblem(error) {
    setText(problem, error instanceof Error ? error.message : String(error));
    problem.hidden = false;
  }

  /** @param {Job} job made or changed just now */
  function take(job) {
    meanwhile?.push(job);
    if (!jobs) return;
    const at = jobs.findIndex(({ id }) => id === job.id);
    const fitting = fits(filter, job);
    if (at >= 0) jobs = fitting ? jobs.with(at, job) : jobs.toSpliced(at, 1);
    else if (fitting && !before && isNewer(job, jobs[0])) {
      jobs = [job, ...jobs].slice(0, pageLength);
      total += 1;
    }
    frames.ask();
  }

  function draw() {
    if (!jobs) return;
    rows.draw(jobs);
    toolbar.showCount(total);
    const narrowed = before !== undefined || Object.keys(filter).length > 0;
    if (jobs.length > 0) fill(empty);
    else if (!empty.hasChildNodes()) fill(empty, narrowed ? noneFit() : welcome());
    fill(paging, ...pageLinks(jobs));
  }

  /** @param {Job[]} shown */
  function pageLinks(shown) {
    const oldest = shown.at(-1);
    const more = shown.length === pageLength && (before !== undefined || total > pageLength);
    return [
      before !== undefined && pageLink('Newest', listHash(filter)),
      more && oldest && pageLink('Older', listHash({ ...filter, before: oldest.id })),
    ];
  }

  return {
    update: () => false,
    close() {
      stop.abort();
      clearInterval(clock);
      watch.close();
      frames.close();
    },
  };
}

/** @param {string} text @param {string} href */
const pageLink = (text, href) => h('a', { class: 'button', href }, text);

/** Ids grow with time and compare as text. @param {Job} job @param {Job | undefined} first */
const isNewer = (job, first) => first === undefined || job.id > first.id;
