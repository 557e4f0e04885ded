// @ts-check
import { afterScroll, farthest, rowHeight, scrolledHeight, toScrolled } from './window.js';
/** @import { Extent } from './window.js' */

/** After this long without scrolling the scroll bar is set to where the log really is. */
const restMs = 150;

/**
 * Where in the log the view is, and whether it keeps to the end.
 * @param {HTMLElement} box what is scrolled
 * @param {HTMLElement} space its content, as high as the log
 * @param {{ rested: () => void, moved: (following: boolean) => void }} listener
 */
export function createScroll(box, space, { rested, moved }) {
  let following = true;
  let top = 0;
  let scrolled = 0;
  let rows = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  function atRest() {
    rest = undefined;
    rested();
  }

  /** @param {boolean} value */
  function follow(value) {
    following = value;
    moved(value);
  }

  return {
    get top() {
      return top;
    },
    get scrolled() {
      return scrolled;
    },
    get following() {
      return following;
    },
    follow,

    /** Takes over where the person scrolled to; false where there was nothing to take. */
    take() {
      if (box.scrollTop === scrolled) return false;
      const extent = { rows, view: box.clientHeight };
      top = afterScroll({ top, scrolled }, box.scrollTop, extent);
      scrolled = box.scrollTop;
      follow(top >= farthest(extent) - rowHeight / 2);
      clearTimeout(rest);
      rest = setTimeout(atRest, restMs);
      return true;
    },

    /** Goes to a row of the log as it is now, else stays. @param {Extent} extent @param {number | undefined} row */
    goTo(extent, row) {
      const before = top;
      rows = extent.rows;
      if (row !== undefined) top = row * rowHeight;
      top = following ? farthest(extent) : Math.min(Math.max(0, top), farthest(extent));
      const height = `${scrolledHeight(extent)}px`;
      if (space.style.height !== height) space.style.height = height;
      // Setting the place in the middle of somebody's scrolling would stop it.
      if (rest !== undefined && top === before) return;
      const target = toScrolled(top, extent);
      if (Math.abs(box.scrollTop - target) >= 1) box.scrollTop = target;
      scrolled = box.scrollTop;
    },
    close: () => clearTimeout(rest),
  };
}
