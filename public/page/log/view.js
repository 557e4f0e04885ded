// @ts-check
import { eachFrame, h } from '../dom.js';
import { createRows } from './rows.js';
import { createScroll } from './scroll.js';
import { rowHeight, shownRows } from './window.js';
/** @import { Lines } from './lines.js' */
/** @import { Extent } from './window.js' */

/**
 * The part of a log that can be seen. Only its rows are in the document; all are equally high.
 * @param {object} options
 * @param {Lines} options.lines
 * @param {(line: number) => string} options.lineHref
 * @param {(from: number, to: number) => void} options.need lines that are seen and not held
 * @param {(following: boolean) => void} options.moved
 */
export function createLogView({ lines, lineHref, need, moved }) {
  const frames = eachFrame(render);
  const rows = createRows({ lines, lineHref, changed: frames.ask });
  const space = h('div', { class: 'log-space' }, rows.element);
  const box = h(
    'div',
    { class: 'log-box', tabindex: 0, role: 'region', 'aria-label': 'Lines of the log' },
    space,
  );
  const scroll = createScroll(box, space, { rested: frames.ask, moved });
  box.addEventListener('scroll', () => scroll.take() && draw(extent()), { passive: true });
  const resize = new ResizeObserver(frames.ask);
  resize.observe(box);
  /** @type {number | undefined} */
  let wanted;
  let rowCount = 0;
  let firstLine = 1;
  let widest = 0;

  const extent = () => ({ rows: lines.gaps.rows(lines.last), view: box.clientHeight });

  function render() {
    const now = extent();
    if (now.view === 0) return;
    scroll.take();
    scroll.goTo(now, rowToGoTo(now));
    rowCount = now.rows;
    draw(now);
  }

  /** The row to go to, where it is not the one the view is at. @param {Extent} now */
  function rowToGoTo(now) {
    if (wanted !== undefined && wanted <= lines.last) {
      const row = lines.gaps.rowOf(wanted) - Math.floor((0.3 * now.view) / rowHeight);
      wanted = undefined;
      return row;
    }
    // Rows above may have become one gap.
    return now.rows < rowCount ? lines.gaps.rowOf(firstLine) : undefined;
  }

  /** @param {Extent} now */
  function draw(now) {
    const { top } = scroll;
    const { first, last } = shownRows(top, now, scroll.following ? 4 : 20);
    rows.draw(first, last);
    rows.element.style.transform = `translateY(${scroll.scrolled + first * rowHeight - top}px)`;
    keepWidth();
    firstLine = lines.gaps.lineAt(Math.floor(top / rowHeight));
    const missing =
      last < first ? undefined : lines.missing(lines.gaps.lineAt(first), lines.gaps.lineAt(last));
    if (missing) need(missing.first, missing.last);
  }

  /** A long line that was once seen keeps its width, so that the log does not jump sideways. */
  function keepWidth() {
    const width = rows.element.offsetWidth;
    if (width <= Math.max(widest, box.clientWidth)) return;
    widest = width;
    space.style.minWidth = `${width}px`;
  }

  return {
    element: box,
    /** There are other lines than before. */
    changed: frames.ask,
    toEnd() {
      scroll.follow(true);
      frames.ask();
      box.focus({ preventScroll: true });
    },
    /** Marks a line, and shows it where it is not seen. @param {number | undefined} line */
    select(line) {
      rows.select(line);
      if (line !== undefined && !this.sees(line)) this.show(line);
      frames.ask();
    },
    /** Goes to a line and follows the end no longer. @param {number} line */
    show(line) {
      wanted = line;
      scroll.follow(false);
      frames.ask();
    },
    /** @param {number} line */
    sees(line) {
      const bottom = (lines.gaps.rowOf(line) + 1) * rowHeight;
      return line <= lines.last && line >= firstLine && bottom <= scroll.top + box.clientHeight;
    },
    close() {
      scroll.close();
      resize.disconnect();
      frames.close();
    },
  };
}
