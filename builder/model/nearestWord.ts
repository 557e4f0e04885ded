const mostEdits = 3;

/** The known word that somebody most likely meant, whatever its case; undefined where none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const most = Math.min(mostEdits, Math.ceil((word.length - 1) / 2));
  const [nearest] = known
    .filter(({ length }) => Math.abs(length - word.length) <= most)
    .map((candidate) => ({ candidate, edits: editsBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  return nearest && nearest.edits <= most ? nearest.candidate : undefined;
}

/** How many characters must be added, removed or replaced to get from one word to the other. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, char] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, wanted] of Array.from(to).entries()) {
      const replaced = (row[j] ?? 0) + (char === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
