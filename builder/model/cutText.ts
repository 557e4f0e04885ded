/** Longest sentence of somebody else that is kept, in UTF-16 units. */
const longestSentence = 16_384;

/**
 * What an engine or a registry says may have any length: its beginning. The mark at its end is the one that lines of a
 * log are cut with, so that no half of a secret is left there.
 */
export function cutText(text: string): string {
  if (text.length <= longestSentence) return text;
  const kept = text.slice(0, longestSentence).toWellFormed();
  return `${kept} … [cut: ${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes]`;
}
