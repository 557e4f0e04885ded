/** The character that takes the meaning of the next one; a Dockerfile may choose "`". */
export type Escape = '\\' | '`';

/** Where the word ends that begins at `from`: at the next white space outside of quotes. */
export function wordEnd(text: string, from: number, escape: Escape): number {
  let at = from;
  while (at < text.length && !/\s/.test(text.charAt(at))) {
    const char = text.charAt(at);
    if (char === escape) at += 2;
    else if (char === "'" || char === '"') at = quoteEnd(text, at, escape);
    else at += 1;
  }
  return Math.min(at, text.length);
}

/** All words with their quotes. */
export function wordsOf(text: string, escape: Escape): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = wordEnd(text, at, escape);
    if (end > at) words.push(text.slice(at, end));
    at = Math.max(end, at + 1);
  }
  return words;
}

/** Behind the quote that closes the one at `from`; in single quotes nothing is escaped. */
function quoteEnd(text: string, from: number, escape: Escape): number {
  const quote = text.charAt(from);
  for (let at = from + 1; at < text.length; at++) {
    if (text.charAt(at) === quote) return at + 1;
    if (quote === '"' && text.charAt(at) === escape) at++;
  }
  return text.length;
}
