// @ts-check

// oxlint-disable-next-line no-control-regex
const address = /https?:\/\/[^\s<>"'`\\^{|}\u0000-\u001f]+/g;
const closing = new Map([
  [')', '('],
  [']', '['],
]);
/** More links than this in one piece of text stay text. */
const mostLinks = 20;

/**
 * Cuts text into what is an http or https address and what is not; joined again the pieces are the text.
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function splitLinks(text) {
  if (!text.includes('://')) return [{ text }];
  const pieces = [];
  let done = 0;
  for (const match of text.matchAll(address)) {
    if (pieces.length >= 2 * mostLinks) break;
    const found = withoutTrailing(match[0]);
    if (!isWebAddress(found)) continue;
    if (match.index > done) pieces.push({ text: text.slice(done, match.index) });
    pieces.push({ text: found, href: found });
    done = match.index + found.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done) });
  return pieces;
}

/** The address without the punctuation of the sentence around it. @param {string} found */
function withoutTrailing(found) {
  let end = found.length;
  while (end > 0 && endsSentence(found, end)) end -= 1;
  return found.slice(0, end);
}

/** @param {string} text @param {number} end */
function endsSentence(text, end) {
  const char = text.charAt(end - 1);
  if ('.,;:!?*'.includes(char)) return true;
  const opening = closing.get(char);
  // A closing bracket belongs to the address only where the address opened it.
  return opening !== undefined && !text.slice(0, end).includes(opening);
}

/** @param {string} text */
function isWebAddress(text) {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '';
}
