// @ts-check

/**
 * Which row shows which line. A range of lines that the server no longer has (the middle of a log that passed its
 * size limit) takes one row. Lines count from 1, rows from 0.
 */
export function createGaps() {
  /** Sorted, apart from each other. @type {{ first: number, last: number }[]} */
  let gaps = [];

  return {
    /** Lines `first` to `last` are gone. @param {number} first @param {number} last */
    add(first, last) {
      if (last < first) return;
      const apart = gaps.filter((gap) => gap.last + 1 < first || gap.first > last + 1);
      const touched = gaps.filter((gap) => !apart.includes(gap));
      const merged = {
        first: Math.min(first, ...touched.map((gap) => gap.first)),
        last: Math.max(last, ...touched.map((gap) => gap.last)),
      };
      gaps = [...apart, merged].toSorted((a, b) => a.first - b.first);
    },

    /** The gap that swallows a line. @param {number} line */
    at: (line) => gaps.find((gap) => gap.first <= line && line <= gap.last),

    /** Rows of a log that ends with line `last`. @param {number} last */
    rows: (last) => gaps.reduce((rows, gap) => rows - (Math.min(gap.last, last) - gap.first), last),

    /** The row that shows a line, or the gap it is in. @param {number} line */
    rowOf(line) {
      let hidden = 0;
      for (const gap of gaps) if (gap.first < line) hidden += Math.min(gap.last, line) - gap.first;
      return line - 1 - hidden;
    },

    /** The line of a row; the first line of the gap where the row stands for one. @param {number} row */
    lineAt(row) {
      let line = row + 1;
      for (const gap of gaps) if (gap.first < line) line += gap.last - gap.first;
      return line;
    },
  };
}

/** @typedef {ReturnType<typeof createGaps>} Gaps */
