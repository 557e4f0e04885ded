// @ts-check

/** Height of a row in pixels; `log.css` says the same. */
export const rowHeight = 20;
/** Browsers cut elements that are higher than about 17 million pixels. */
const tallest = 8_000_000;

/**
 * @typedef {object} Extent
 * @property {number} rows
 * @property {number} view height of what is seen, in pixels
 */

/**
 * How far the log can be scrolled, in its own pixels.
 * @param {Extent} extent
 */
export const farthest = ({ rows, view }) => Math.max(0, rows * rowHeight - view);

/** Height of the element that is really scrolled. @param {Extent} extent */
export const scrolledHeight = ({ rows, view }) => Math.min(Math.max(rows * rowHeight, view), tallest);

/**
 * Where the element must be scrolled to for a place in the log: the same, until the log is higher than an
 * element can be.
 * @param {number} top
 * @param {Extent} extent
 */
export function toScrolled(top, extent) {
  const far = farthest(extent);
  const reach = scrolledHeight(extent) - extent.view;
  return far <= reach ? Math.min(top, far) : (top / far) * reach;
}

/**
 * The place in the log after the element was scrolled. In a log higher than an element can be, a short way is
 * taken pixel by pixel, so that no line is ever skipped, and a long one (the scroll bar) in proportion.
 * @param {{ top: number, scrolled: number }} before
 * @param {number} scrolled
 * @param {Extent} extent
 */
export function afterScroll(before, scrolled, extent) {
  const far = farthest(extent);
  const reach = scrolledHeight(extent) - extent.view;
  if (far <= reach) return Math.min(Math.max(0, scrolled), far);
  const way = scrolled - before.scrolled;
  if (scrolled <= 0 && way < -extent.view) return 0;
  if (scrolled >= reach - 1 && way > extent.view) return far;
  if (Math.abs(way) <= extent.view) return Math.min(Math.max(0, before.top + way), far);
  return (scrolled / reach) * far;
}

/**
 * Rows to keep in the document: what is seen and a little around it. `last` is less than `first` where there are none.
 * @param {number} top
 * @param {Extent} extent
 */
export function shownRows(top, extent, around = 20) {
  const first = Math.max(0, Math.floor(top / rowHeight) - around);
  const last = Math.min(extent.rows - 1, Math.floor((top + extent.view) / rowHeight) + around);
  return { first, last };
}
