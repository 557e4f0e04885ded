// @ts-check
/** @import { Line, TextStyle } from '../words.d.ts' */

/**
 * @typedef {object} Page
 * @property {(Line | undefined)[]} lines
 * @property {number} count how many of them are held
 * @property {number} chars
 * @property {TextStyle[]} styles style at the start of the lines looked at so far
 */

/**
 * Lines in pages of equal length; those used longest ago are let go first.
 * @param {{ pageLines: number, mostLines: number, mostChars: number }} limits
 * @param {(key: number) => void} leaving called before a page goes
 */
export function createPages({ pageLines, mostLines, mostChars }, leaving) {
  /** In the order of their last use, oldest first. @type {Map<number, Page>} */
  const pages = new Map();
  let held = 0;
  let chars = 0;

  const keyOf = (/** @type {number} */ line) => Math.floor((line - 1) / pageLines);
  const placeOf = (/** @type {number} */ line) => (line - 1) % pageLines;

  /** @param {number} key @param {Page} page */
  function touch(key, page) {
    pages.delete(key);
    pages.set(key, page);
  }

  return {
    keyOf,
    placeOf,
    /** Lines in memory. */
    get held() {
      return held;
    },
    /** @param {number} key */
    page: (key) => pages.get(key),
    /** @param {number} number @returns {Line | undefined} */
    line: (number) => pages.get(keyOf(number))?.lines[placeOf(number)],

    /** Keeps a line; one that is held already stays. @param {number} number @param {Line} line */
    put(number, line) {
      const key = keyOf(number);
      const place = placeOf(number);
      const page = pages.get(key) ?? { lines: [], count: 0, chars: 0, styles: [] };
      touch(key, page);
      if (page.lines[place]) return;
      page.lines[place] = line;
      page.count += 1;
      page.chars += line.text.length;
      if (place < page.styles.length) page.styles = [];
      held += 1;
      chars += line.text.length;
    },

    /** Notes that lines were looked at. @param {number} from @param {number} to */
    use(from, to) {
      for (let key = keyOf(from); key <= keyOf(to); key += 1) {
        const page = pages.get(key);
        if (page) touch(key, page);
      }
    },

    /** Keeps to the limits; the three newest pages stay in any case. */
    letGo() {
      for (const [key, page] of pages) {
        if ((held <= mostLines && chars <= mostChars) || pages.size <= 3) return;
        leaving(key);
        pages.delete(key);
        held -= page.count;
        chars -= page.chars;
      }
    },
  };
}
