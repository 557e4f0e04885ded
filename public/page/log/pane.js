// @ts-check
import { logPath } from '../api.js';
import { h, setText } from '../dom.js';
import { grouped } from '../format.js';
import { jobHash } from '../router.js';
import { createConnectionState } from './connection.js';
import { createFetcher } from './fetcher.js';
import { createLines } from './lines.js';
import { lineOfStep } from './place.js';
import { followTail } from './tail.js';
import { createTimesButton } from './times.js';
import { createLogView } from './view.js';
/** @import { Frame, Step } from '../words.d.ts' */

/** Lines asked for when a log is opened; what is above them is fetched when it is looked at. */
const firstLines = 500;

/**
 * The live log of one job: what is seen of it, its tools and its connection.
 * @param {object} options
 * @param {string} options.job
 * @param {(frame: Frame) => void} options.frame gets every frame that is not about lines
 * @param {() => Promise<boolean>} options.lost
 */
export function createLogPane({ job, frame, lost }) {
  const lines = createLines();
  const view = createLogView({
    lines,
    lineHref: (line) => jobHash(job, line),
    need: (from, to) => fetcher.need(from, to),
    moved: showFollowing,
  });
  const fetcher = createFetcher({ job, lines, changed: view.changed });
  const state = createConnectionState(() => tail.tryNow());
  const count = h('span', { class: 'count' });
  const toEnd = h(
    'button',
    { class: 'to-end', type: 'button', hidden: true, onclick: view.toEnd },
    'Jump to end',
  );
  const element = h('section', { class: 'log', 'aria-label': 'Log' });
  const times = createTimesButton((shown) => element.classList.toggle('with-times', shown));
  const download = h('a', { class: 'button quiet', href: logPath(job), download: `${job}.log` }, 'Download');
  const bar = h('div', { class: 'log-bar' }, h('h2', {}, 'Log'), state.element, count, times, download);
  element.append(bar, view.element, toEnd);
  let leftAt = 0;
  let following = true;

  const tail = followTail({
    job,
    query: () => (lines.last === 0 ? `n=${firstLines}` : `from=${lines.last + 1}`),
    frame: take,
    connection: state.show,
    lost,
  });

  /** @param {Frame} received */
  function take(received) {
    if (received.type === 'lines') lines.add(received.first, received.blocks);
    else if (received.type === 'gap') takeGap(received);
    else frame(received);
    if (received.type === 'end') lines.reach(received.lines ?? 0);
    showCount();
    view.changed();
  }

  /** @param {{ first: number, last: number }} gap */
  function takeGap({ first, last }) {
    lines.reach(last);
    void fetcher.checkGap(first, last);
  }

  function showCount() {
    setText(count, lines.last === 0 ? '' : `${grouped(lines.last)} ${lines.last === 1 ? 'line' : 'lines'}`);
    // What was there at first is not new.
    if (leftAt === 0) leftAt = lines.last;
    const more = lines.last - leftAt;
    setText(toEnd, more > 0 ? `Jump to end · ${grouped(more)} new` : 'Jump to end');
  }

  /** @param {boolean} value */
  function showFollowing(value) {
    if (value === following) return;
    following = value;
    leftAt = lines.last;
    toEnd.hidden = following;
    showCount();
  }

  return {
    element,
    /** @param {number | undefined} line */
    select: (line) => view.select(line),
    /** Shows where a step starts. @param {Step} step */
    async showStep(step) {
      if (lines.last > 0) view.show(await lineOfStep(step, lines.last, fetcher.read));
    },
    close() {
      state.close();
      tail.close();
      fetcher.close();
      view.close();
    },
  };
}
