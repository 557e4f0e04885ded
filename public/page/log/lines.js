// @ts-check
import { hasControls, readLine } from './ansi.js';
import { createGaps } from './gaps.js';
import { createPages } from './pages.js';
import { plain } from './sgr.js';
/** @import { Block, Line, TextStyle } from '../words.d.ts' */
/** @import { Page } from './pages.js' */

/**
 * The lines of one log that the page holds: the newest ones and what was looked at last. What was let go is fetched
 * again by number when it is looked at.
 * @param {{ pageLines?: number, mostLines?: number, mostChars?: number }} [limits]
 */
export function createLines({ pageLines = 200, mostLines = 50_000, mostChars = 24_000_000 } = {}) {
  const pages = createPages({ pageLines, mostLines, mostChars }, endStyle);
  const gaps = createGaps();
  /** Style at the end of each whole page; outlives the page. @type {Map<number, TextStyle>} */
  const ends = new Map();
  let last = 0;

  /** @param {number} key @returns {TextStyle} */
  function endStyle(key) {
    const known = ends.get(key);
    const page = pages.page(key);
    if (known || !page || page.count < pageLines) return known ?? plain;
    const end = styleAfter(page.lines[pageLines - 1], styleIn(page, key, pageLines - 1));
    ends.set(key, end);
    return end;
  }

  /** @param {Page} page @param {number} key @param {number} place @returns {TextStyle} */
  function styleIn(page, key, place) {
    const { styles } = page;
    if (styles.length === 0) styles.push(endStyle(key - 1));
    for (let i = styles.length; i <= place; i += 1)
      styles.push(styleAfter(page.lines[i - 1], styles[i - 1] ?? plain));
    return styles[place] ?? plain;
  }

  return {
    gaps,
    /** Number of the newest line that is known to exist. */
    get last() {
      return last;
    },
    /** Lines in memory. */
    get held() {
      return pages.held;
    },
    get: pages.line,

    /**
     * Keeps a range that came live or was fetched; what is held already stays.
     * @param {number} first
     * @param {Block[]} blocks
     */
    add(first, blocks) {
      let number = first;
      for (const [at, stream, block] of blocks)
        for (const text of linesOf(block)) {
          pages.put(number, { at, stream, text });
          number += 1;
        }
      this.reach(number - 1);
      pages.letGo();
    },

    /** There are lines up to this one, held or not. @param {number} line */
    reach(line) {
      if (line > last) last = line;
    },

    /** The style a held line starts with. @param {number} number */
    styleOf(number) {
      const key = pages.keyOf(number);
      const page = pages.page(key);
      const line = pages.line(number);
      return page && line && !startsAnew(line) ? styleIn(page, key, pages.placeOf(number)) : plain;
    },

    /**
     * Marks lines as looked at, and says which of them have to be fetched first: a range without a gap.
     * @param {number} from
     * @param {number} to
     */
    missing(from, to) {
      pages.use(Math.max(1, from), to);
      let first = 0;
      let end = 0;
      for (let number = Math.max(1, from); number <= Math.min(to, last); number += 1) {
        const gap = gaps.at(number);
        if (gap && first > 0) break;
        if (gap) number = gap.last;
        else if (!pages.line(number)) {
          first ||= number;
          end = number;
        }
      }
      return first === 0 ? undefined : { first, last: end };
    },
  };
}

/** @typedef {ReturnType<typeof createLines>} Lines */

/** The lines of a block, each of which is ended by "\n". @param {string} text */
function linesOf(text) {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Where a colour that was never closed ends at last. @param {Line} line */
const startsAnew = (line) => line.stream === 'system' || isStepLine(line.text);

/** Whether the engine announces a step. @param {string} text */
export const isStepLine = (text) => /^Step \d+\/\d+ : /.test(text);

/** @param {Line | undefined} line @param {TextStyle} style @returns {TextStyle} */
function styleAfter(line, style) {
  if (!line || startsAnew(line)) return plain;
  if (!hasControls(line.text)) return style;
  // A reset counts wherever it is, also inside another sequence: what is before it need not be read.
  const reset = line.text.lastIndexOf('\u001b[0m');
  return readLine(reset < 0 ? line.text : line.text.slice(reset), style).style;
}
