// @ts-check
/** @import { Colour, TextStyle } from '../words.d.ts' */

/** Text without any colour or weight. @type {Readonly<TextStyle>} */
export const plain = Object.freeze({
  fg: undefined,
  bg: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false,
});

/** @type {Record<number, Partial<TextStyle>>} */
const switches = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { fg: undefined },
  49: { bg: undefined },
};

/**
 * The style after an SGR sequence (`ESC [ parameters m`). What is not known changes nothing.
 * @param {TextStyle} style
 * @param {string} parameters
 * @returns {TextStyle}
 */
export function applySgr(style, parameters) {
  if (parameters === '' || parameters === '0') return plain;
  const groups = parameters.split(';').map((group) => group.split(':').map(Number));
  let next = style;
  for (let i = 0; i < groups.length; i += 1) {
    const group = groups[i] ?? [0];
    const code = group[0] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = group.length > 1 ? withColons(group) : withSemicolons(groups, i);
      if (colour !== undefined) next = withColour(next, code, colour);
      i += used;
    } else next = applyCode(next, code, group[1]);
  }
  return next;
}

/**
 * @param {TextStyle} style
 * @param {number} code
 * @param {number | undefined} detail
 * @returns {TextStyle}
 */
function applyCode(style, code, detail) {
  if (code === 0) return plain;
  if (code === 4 && detail === 0) return { ...style, underline: false };
  const change = switches[code] ?? basicColour(code);
  return change ? { ...style, ...change } : style;
}

/** @param {TextStyle} style @param {number} code @param {Colour} colour @returns {TextStyle} */
const withColour = (style, code, colour) => ({ ...style, [code === 38 ? 'fg' : 'bg']: colour });

/** The sixteen colours that have a code of their own. @param {number} code @returns {Partial<TextStyle> | undefined} */
function basicColour(code) {
  const tens = Math.floor(code / 10);
  const colour = code % 10;
  if (colour > 7) return undefined;
  if (tens === 3) return { fg: colour };
  if (tens === 4) return { bg: colour };
  if (tens === 9) return { fg: colour + 8 };
  return tens === 10 ? { bg: colour + 8 } : undefined;
}

/**
 * `38;5;n` and `38;2;r;g;b`, spread over several parameters.
 * @param {number[][]} groups
 * @param {number} at
 * @returns {{ colour: Colour, used: number }}
 */
function withSemicolons(groups, at) {
  const number = (/** @type {number} */ offset) => groups[at + offset]?.[0];
  if (number(1) === 5) return { colour: paletteColour(number(2)), used: 2 };
  if (number(1) === 2) return { colour: trueColour(number(2), number(3), number(4)), used: 4 };
  return { colour: undefined, used: 0 };
}

/**
 * `38:5:n`, `38:2:r:g:b` and `38:2:<space>:r:g:b` in one parameter.
 * @param {number[]} group
 * @returns {{ colour: Colour, used: number }}
 */
function withColons(group) {
  if (group[1] === 5) return { colour: paletteColour(group[2]), used: 0 };
  const [r, g, b] = group.length > 5 ? group.slice(3) : group.slice(2);
  return { colour: group[1] === 2 ? trueColour(r, g, b) : undefined, used: 0 };
}

/** @param {number | undefined} n @returns {Colour} */
function paletteColour(n) {
  if (!isByte(n)) return undefined;
  if (n < 16) return n;
  if (n >= 232) return trueColour(8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232));
  const cube = n - 16;
  return trueColour(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** One of the six steps of a side of the palette's cube. @param {number} step */
const level = (step) => (step === 0 ? 0 : 55 + 40 * step);

/**
 * @param {number | undefined} r
 * @param {number | undefined} g
 * @param {number | undefined} b
 * @returns {Colour}
 */
function trueColour(r, g, b) {
  if (!isByte(r) || !isByte(g) || !isByte(b)) return undefined;
  return `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`;
}

/** @param {number | undefined} n @returns {n is number} */
function isByte(n) {
  return n !== undefined && Number.isInteger(n) && n >= 0 && n <= 255;
}

/** @param {TextStyle} a @param {TextStyle} b */
export function sameStyle(a, b) {
  if (a === b) return true;
  return /** @type {(keyof TextStyle)[]} */ (Object.keys(plain)).every((key) => a[key] === b[key]);
}
