/** A value of a user's file, quoted for a sentence: on one line, printable, and cut after `most` characters. */
export function shown(value: string, most = 60): string {
  const plain = value
    .slice(0, 2 * most)
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  const characters = Array.from(plain);
  const isCut = characters.length > most || value.length > 2 * most;
  return `"${isCut ? `${characters.slice(0, most - 1).join('')}…` : plain}"`;
}
