import type { Cells } from './table.ts';

/** Rows that go together, and about how many characters of text, whichever is reached first. */
const [mostRows, mostText] = [500, 512 * 1024];

/** Collects rows until there are enough of them to go together. */
export function newBatch(): { add(row: Cells): Cells[] | undefined; rest(): Cells[] } {
  let rows: Cells[] = [];
  let size = 0;
  const take = () => {
    const taken = rows;
    rows = [];
    size = 0;
    return taken;
  };
  return {
    add(row) {
      rows.push(row);
      for (const cell of row) if (typeof cell === 'string') size += cell.length;
      return rows.length >= mostRows || size >= mostText ? take() : undefined;
    },
    rest: take,
  };
}
