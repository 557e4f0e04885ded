import type { Cells, Table } from './table.ts';

const [newline, backslash] = [10, 92];
const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Reads the rows of `COPY … TO STDOUT`, a line each, out of pieces that may end anywhere. */
export async function* copiedRows(table: Table, pieces: AsyncIterable<Buffer>): AsyncGenerator<Cells> {
  let begun: Buffer[] = [];
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const line = piece.subarray(start, end);
      yield cellsOf(table, begun.length > 0 ? Buffer.concat([...begun, line]) : line);
      begun = [];
      start = end + 1;
    }
    if (start < piece.length) begun.push(piece.subarray(start));
  }
  if (begun.length > 0) throw new Error(`the rows of ${table.name} end in the middle of one`);
}

function cellsOf({ name, columns }: Table, line: Buffer): Cells {
  const isPlain = !line.includes(backslash);
  const cells = line.toString('utf8').split('\t');
  if (cells.length !== columns.length) throw new Error(`a row of ${name} has ${cells.length} columns`);
  return columns.map(({ kind }, at) => {
    const cell = cells[at] ?? '';
    if (cell === '\\N') return null;
    if (kind === 'integer') return Number(cell);
    return isPlain ? cell : unescaped(cell);
  });
}

function unescaped(cell: string): string {
  return cell.replaceAll(/\\(.)/gs, (_, letter: string) => letters[letter] ?? letter);
}
