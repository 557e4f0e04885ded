// @ts-check
import { h } from '../dom.js';
import { bytes, clock, dateAndTime, grouped } from '../format.js';
import { isStepLine } from './lines.js';
import { readLine } from './ansi.js';
import { splitLinks } from './links.js';
/** @import { Colour, Line, Segment, TextStyle } from '../words.d.ts' */

/** What one row shows at first: the browser lays out each character of a row, seen or not. */
const shownChars = 4000;
const shownSegments = 200;
/** So much of a line is looked at to find what is shown; the rest may be colours. */
const readChars = 6000;

/**
 * @param {number} number
 * @param {Line} line
 * @param {object} options
 * @param {TextStyle} options.style the style the line starts with
 * @param {string} options.href
 * @param {boolean} options.whole shows a very long line to its end
 * @param {boolean} options.selected
 * @param {() => void} options.showWhole
 */
export function lineRow(number, line, { style, href, whole, selected, showWhole }) {
  const text = h('span', { class: 'text' });
  const read = whole ? line.text : line.text.slice(0, readChars);
  const { segments } = readLine(read, style);
  const cut = whole ? segments : firstOf(segments);
  for (const segment of cut) text.append(...styled(segment));
  if (read.length < line.text.length || cut !== segments)
    text.append(moreButton(line.text.length, showWhole));
  const kind = isStepLine(line.text) ? 'step' : line.stream;
  return h(
    'div',
    { class: `row ${kind}${selected ? ' selected' : ''}` },
    h('a', { class: 'num', href, tabindex: -1, title: dateAndTime(line.at) }, String(number)),
    h('time', { class: 'at' }, clock(line.at)),
    text,
  );
}

/** A line that is on its way. @param {number} number */
export const emptyRow = (number) =>
  h(
    'div',
    { class: 'row empty' },
    h('span', { class: 'num' }, String(number)),
    h('span', { class: 'text' }, '…'),
  );

/** @param {{ first: number, last: number }} gap */
export const gapRow = ({ first, last }) =>
  h(
    'div',
    { class: 'row gap' },
    h('span', { class: 'num' }, '⋮'),
    h(
      'span',
      { class: 'text' },
      `Lines ${grouped(first)} to ${grouped(last)} were not kept: the log passed its size limit.`,
    ),
  );

/** @param {number} length @param {() => void} showWhole */
const moreButton = (length, showWhole) =>
  h('button', { class: 'more', type: 'button', onclick: showWhole }, `show the whole line, ${bytes(length)}`);

/** What is shown of a line at first; the same array where that is all. @param {Segment[]} segments */
function firstOf(segments) {
  let chars = 0;
  for (const [i, { text, style }] of segments.entries()) {
    if (i === shownSegments) return segments.slice(0, i);
    if (chars + text.length > shownChars) {
      return [...segments.slice(0, i), { text: text.slice(0, shownChars - chars), style }];
    }
    chars += text.length;
  }
  return segments;
}

/** @param {Segment} segment */
function styled({ text, style }) {
  const nodes = splitLinks(text).map((piece) =>
    piece.href === undefined
      ? piece.text
      : h('a', { href: piece.href, target: '_blank', rel: 'noopener noreferrer' }, piece.text),
  );
  const classes = classesOf(style);
  if (classes === '' && typeof style.fg !== 'string' && typeof style.bg !== 'string') return nodes;
  const span = h('span', { class: classes }, ...nodes);
  // Through the object model: a style attribute is forbidden by the page's policy.
  if (typeof style.fg === 'string') span.style.setProperty('--fg', style.fg);
  if (typeof style.bg === 'string') span.style.setProperty('--bg-of', style.bg);
  return [span];
}

/** @param {TextStyle} style */
function classesOf(style) {
  const flags = /** @type {const} */ (['bold', 'dim', 'italic', 'underline', 'inverse', 'strike']);
  const classes = flags.filter((flag) => style[flag]).map((flag) => `t-${flag}`);
  return [...classes, ...colourClass('fg', style.fg), ...colourClass('bg', style.bg)].join(' ');
}

/** @param {'fg' | 'bg'} side @param {Colour} colour */
function colourClass(side, colour) {
  if (colour === undefined) return [];
  return [side, `${side}-${typeof colour === 'number' ? colour : 'own'}`];
}
