// @ts-check
import { h, setText } from '../dom.js';
import { ago, dateAndTime, duration, short, timeOf } from '../format.js';
import { jobHash } from '../router.js';
import { setStatus, statusPill } from '../status.js';
/** @import { Job } from '../words.d.ts' */

/** One job of the list: the whole row is a link. @param {Job} first */
export function createRow(first) {
  let job = first;
  const pill = statusPill(job);
  const ref = h('span', { class: 'ref' });
  const commit = h('code', { class: 'commit' });
  const error = h('span', { class: 'error' });
  const age = h('time', { class: 'age' });
  const took = h('span', { class: 'took' });
  const repository = h('span', { class: 'repo' }, h('span', { class: 'dim' }, `${job.account}/`), job.repo);
  const source = h('span', { class: 'source' }, ref, commit);
  const link = h('a', { class: 'run', href: jobHash(job.id) }, pill, repository, source, error, took, age);
  const element = h('li', {}, link);

  function tick(now = Date.now()) {
    const created = timeOf(job.created) ?? now;
    const completed = timeOf(job.completed);
    setText(age, ago(created, now));
    setText(took, duration((completed ?? now) - created));
  }

  /** @param {Job} next */
  function update(next) {
    job = next;
    setStatus(pill, job);
    setText(ref, job.kind ?? job.ref);
    setText(commit, job.commit ? short(job.commit, 8) : '');
    setText(error, job.error ?? '');
    const created = timeOf(job.created);
    age.title = created === undefined ? '' : dateAndTime(created);
    tick();
  }

  update(job);
  return { element, update, tick };
}
