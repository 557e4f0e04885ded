// @ts-check
import { getLines } from '../api.js';
/** @import { Line } from '../words.d.ts' */
/** @import { Lines } from './lines.js' */

/** The view is still for so long before the server is asked, so that a drag of the scroll bar asks once. */
const stillMs = 40;
const pauseAfterFailureMs = 2000;

/**
 * Fetches the lines that are looked at and not held: one request at a time, the newest wish only.
 * @param {object} options
 * @param {string} options.job
 * @param {Lines} options.lines
 * @param {() => void} options.changed
 */
export function createFetcher({ job, lines, changed }) {
  const stop = new AbortController();
  let wish = { from: 0, to: 0 };
  let busy = false;
  let notBefore = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function work() {
    const { from, to } = wish;
    wish = { from: 0, to: 0 };
    busy = true;
    const failed = await fetchRange(from, to).then(
      () => false,
      () => true,
    );
    busy = false;
    if (stop.signal.aborted) return;
    if (failed) notBefore = Date.now() + pauseAfterFailureMs;
    // Where something is still missing, the view says so again.
    changed();
  }

  /** @param {number} from @param {number} to */
  async function fetchRange(from, to) {
    let range = await getLines(job, from, to, stop.signal);
    // None of them: the first line that comes in a longer range says where the gap ends.
    if (range.last < range.first) range = await getLines(job, from, Math.max(to, lines.last), stop.signal);
    // What the answer jumps over was not kept by the server.
    if (range.last < range.first) lines.gaps.add(from, to);
    else if (range.first > from) lines.gaps.add(from, range.first - 1);
    lines.add(range.first, range.blocks);
    return range;
  }

  return {
    /** @param {number} from @param {number} to */
    need(from, to) {
      if (busy || (wish.from === from && wish.to === to)) return;
      wish = { from, to };
      clearTimeout(timer);
      timer = setTimeout(() => void work(), Math.max(stillMs, notBefore - Date.now()));
    },

    /**
     * A gap in what came live may be one of the connection only: the server is asked for its first line.
     * @param {number} first
     * @param {number} last
     */
    async checkGap(first, last) {
      const range = await getLines(job, first, first, stop.signal).catch(() => undefined);
      if (!range || range.first <= range.last) return;
      lines.gaps.add(first, last);
      changed();
    },

    /**
     * The lines of a range that the server has; where it has none of them, those that come next.
     * @param {number} from
     * @param {number} to
     */
    async read(from, to) {
      const line = lines.get(from);
      if (from === to && line) return [{ number: from, ...line }];
      const { first, last } = await fetchRange(from, to);
      return numbered(lines, first, last);
    },

    close() {
      stop.abort();
      clearTimeout(timer);
    },
  };
}

/** @param {Lines} lines @param {number} first @param {number} last */
function numbered(lines, first, last) {
  /** @type {(Line & { number: number })[]} */
  const found = [];
  for (let number = first; number <= last; number += 1) {
    const line = lines.get(number);
    if (line) found.push({ number, ...line });
  }
  return found;
}
