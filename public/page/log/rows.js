// @ts-check
import { h } from '../dom.js';
import { emptyRow, gapRow, lineRow } from './row.js';
/** @import { Line } from '../words.d.ts' */
/** @import { Lines } from './lines.js' */

/**
 * The rows that are in the document. A row that stays in view stays the same element, so that a selection of text
 * and the focus survive.
 * @param {object} options
 * @param {Lines} options.lines
 * @param {(line: number) => string} options.lineHref
 * @param {() => void} options.changed
 */
export function createRows({ lines, lineHref, changed }) {
  const element = h('div', { class: 'log-rows' });
  /** By what the row shows. @type {Map<string, HTMLElement>} */
  let shown = new Map();
  /** Very long lines that are shown to their end. @type {Set<number>} */
  const whole = new Set();
  /** @type {number | undefined} */
  let selected;

  /** @param {number} number @returns {[string, () => HTMLElement]} */
  function rowAt(number) {
    const gap = lines.gaps.at(number);
    if (gap) return [`gap ${gap.first} ${gap.last}`, () => gapRow(gap)];
    const line = lines.get(number);
    if (!line) return [`empty ${number}`, () => emptyRow(number)];
    return [`line ${number} ${whole.has(number)} ${number === selected}`, () => rowOf(number, line)];
  }

  /** @param {number} number @param {Line} line */
  function rowOf(number, line) {
    const showWhole = () => {
      whole.add(number);
      changed();
    };
    return lineRow(number, line, {
      style: lines.styleOf(number),
      href: lineHref(number),
      whole: whole.has(number),
      selected: number === selected,
      showWhole,
    });
  }

  /** Puts rows in, touching only those that come or go. @param {Map<string, HTMLElement>} rows */
  function place(rows) {
    for (const [key, row] of shown) if (!rows.has(key)) row.remove();
    let next = element.firstChild;
    for (const row of rows.values()) {
      if (row === next) next = next.nextSibling;
      else element.insertBefore(row, next);
    }
    shown = rows;
  }

  return {
    element,
    /** @param {number} first @param {number} last */
    draw(first, last) {
      const rows = new Map();
      for (let row = first; row <= last; row += 1) {
        const [key, make] = rowAt(lines.gaps.lineAt(row));
        rows.set(key, shown.get(key) ?? make());
      }
      place(rows);
    },
    /** @param {number | undefined} line */
    select(line) {
      selected = line;
    },
  };
}
