// @ts-check
import { copyButton } from '../copy.js';
import { fill, h, setText } from '../dom.js';
import { ago, dateAndTime, duration, short, timeOf } from '../format.js';
import { listHash } from '../router.js';
import { isOpen, statusPill } from '../status.js';
import { againButton } from './again.js';
import { cancelButton } from './cancel.js';
import { fact, factList } from './facts.js';
import { imageFacts, imageList, imagesOf } from './images.js';
/** @import { Job } from '../words.d.ts' */

/**
 * What a job is and how it goes.
 * @param {{ changed: () => void }} options
 */
export function createHeader({ changed }) {
  const element = h('header', { class: 'job-header' });
  const time = h('span', { class: 'time' });
  /** @type {Job | undefined} */
  let job;
  let drawn = '';

  /** @param {Job} next */
  function draw(next) {
    const images = imagesOf(next);
    const only = images.length === 1 && images[0];
    const repository = `${next.account}/${next.repo}`;
    fill(
      element,
      h(
        'div',
        { class: 'job-title' },
        statusPill(next),
        h('h1', {}, h('a', { href: listHash({ account: next.account, repo: next.repo }) }, repository)),
        h('div', { class: 'actions' }, isOpen(next.status) ? cancelButton(next, changed) : againButton(next)),
      ),
      factList([...facts(next, time), ...(only ? imageFacts(only) : [])]),
      images.length > 1 && imageList(images),
      next.error ? errorBox(next) : undefined,
    );
  }

  function tick() {
    if (!job) return;
    const created = timeOf(job.created) ?? Date.now();
    const completed = timeOf(job.completed);
    setText(
      time,
      `${duration((completed ?? Date.now()) - created)}${completed ? '' : ' so far'} · ${ago(created, Date.now())}`,
    );
    time.title = dateAndTime(created);
  }

  return {
    element,
    /** @param {Job} next */
    show(next) {
      job = next;
      tick();
      // Drawn anew only when it changed: an open confirmation and the focus stay.
      const key = JSON.stringify(next);
      if (key !== drawn) draw(next);
      drawn = key;
    },
    tick,
  };
}

/** @param {Job} job @param {Element} time */
function facts(job, time) {
  return [
    job.kind && fact('Kind', job.kind),
    job.ref && fact('Ref', h('code', {}, job.ref)),
    job.commit &&
      fact(
        'Commit',
        h('code', { title: job.commit }, short(job.commit, 10)),
        copyButton(job.commit, 'commit'),
      ),
    fact('Time', time),
  ];
}

/** @param {Job} job */
const errorBox = (job) =>
  h(
    'p',
    { class: `error-box ${job.status}` },
    job.error,
    ' ',
    job.reason ? h('code', {}, job.reason) : undefined,
  );
