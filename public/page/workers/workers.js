// @ts-check
import { getWorkers } from '../api.js';
import { fill, h, setText } from '../dom.js';
import { ago, dateAndTime } from '../format.js';
/** @import { Worker } from '../words.d.ts' */

/** Between two looks, in milliseconds. */
const lookMs = 3000;

/** The pill that each state looks like. @type {Record<string, string>} */
const looks = { ok: 'completed', lost: 'errored', unreachable: 'errored' };

/**
 * The processes that share the work, with their engines.
 * @param {Element} place
 */
export function openWorkers(place) {
  const stop = new AbortController();
  const body = h('tbody', {});
  const problem = h('p', { class: 'notice', role: 'alert', hidden: true });
  const heads = ['Worker', 'State', 'Role', 'Engines', 'Running', 'Version', 'Seen'];
  const head = h('tr', {}, ...heads.map((name) => h('th', { scope: 'col' }, name)));
  const table = h('table', {}, h('thead', {}, head), body);
  document.title = 'Workers · docker-builder';
  fill(place, h('div', { class: 'workers' }, h('h1', {}, 'Workers'), problem, table));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function look() {
    try {
      if (!document.hidden) fill(body, ...(await getWorkers(stop.signal)).map(row));
      problem.hidden = true;
    } catch (error) {
      if (stop.signal.aborted) return;
      setText(problem, error instanceof Error ? error.message : String(error));
      problem.hidden = false;
    }
    if (!stop.signal.aborted) timer = setTimeout(() => void look(), lookMs);
  }

  void look();
  return {
    /** @param {import('../router.js').Route} route */
    update: ({ view }) => view === 'workers',
    close() {
      stop.abort();
      clearTimeout(timer);
    },
  };
}

/** @param {Worker} worker */
function row({ name, host, state, role, labels, engines, running, version, last_seen_at }) {
  const seen = Date.parse(last_seen_at);
  const said = Object.entries(labels).map((label) => label.join('='));
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row', title: host },
      h('div', {}, name),
      said.length > 0 && h('div', { class: 'dim' }, said.join(', ')),
    ),
    h('td', {}, pill(state)),
    h('td', {}, role),
    h('td', {}, ...engines.map(engineLine)),
    h('td', {}, String(running)),
    h('td', {}, version),
    h('td', { title: dateAndTime(seen) }, ago(seen, Date.now())),
  );
}

/** @param {Worker['engines'][number]} engine */
function engineLine({ name, state, platform, slots, busy }) {
  const about = `${name}: ${busy} of ${slots}${platform ? `, ${platform}` : ''}`;
  return h('div', {}, about, state !== 'ok' && ' ', state !== 'ok' && pill(state));
}

/** @param {string} state */
const pill = (state) => h('span', { class: `pill ${looks[state] ?? 'created'}` }, state);
