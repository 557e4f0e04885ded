import type { Gathering, Several } from './gathering.ts';
import type { SqlValue, Statement } from './sql.ts';

type Params = readonly SqlValue[];

/** One statement for some of the rows. */
export interface Part {
  statement: Statement;
  params: SqlValue[];
  /** How many rows they are. */
  count: number;
}

/** So many that are alike are worth a statement of their own. */
const fewestAlike = 8;

/** The rows, as few statements take them. */
export function parted(change: Gathering, rows: readonly Params[]): Part[] {
  const { alike } = change;
  if (!alike || rows.length === 1) return partsOf(change, rows);
  const groups = [...Map.groupBy(rows, (row) => JSON.stringify(row.slice(1))).values()];
  const isWorthwhile = ({ length }: Params[]) =>
    length >= fewestAlike || (length > 1 && length === rows.length);
  const others = groups.filter((same) => !isWorthwhile(same)).flat();
  return [
    ...groups.filter(isWorthwhile).flatMap((same) => partsAlike(alike, same)),
    ...partsOf(change, others),
  ];
}

function partsOf(change: Gathering, rows: readonly Params[]): Part[] {
  const [first = []] = rows;
  const sizeFor = change.inserts ? fitted : filled;
  return split(
    rows,
    (left) => sizeFor(change, left),
    (part, missing) => part.flat().concat(nulls(missing * first.length)),
  );
}

/** Of rows that differ in nothing but their first parameter. */
function partsAlike(sizes: readonly Several[], rows: readonly Params[]): Part[] {
  return split(
    rows,
    (left) => sizes.find(({ most }) => most >= left) ?? sizes.at(-1),
    ([first = [], ...others], missing) => [...first, ...others.map(([id = null]) => id), ...nulls(missing)],
  );
}

/** `paramsOf` gives the parameters of some rows, with as many that are no rows as are missing. */
function split(
  rows: readonly Params[],
  sizeFor: (left: number) => Several | undefined,
  paramsOf: (part: readonly Params[], missing: number) => SqlValue[],
): Part[] {
  const parts: Part[] = [];
  for (
    let from = 0, size = sizeFor(rows.length);
    size && from < rows.length;
    size = sizeFor(rows.length - from)
  ) {
    const part = rows.slice(from, from + size.most);
    const params = paramsOf(part, size.most - part.length);
    parts.push({ statement: size.statement, params, count: part.length });
    from += part.length;
  }
  return parts;
}

function nulls(count: number): null[] {
  return Array<null>(count).fill(null);
}

/** The largest that has a row for each of its places. */
function fitted({ one, several }: Gathering, rows: number): Several {
  return several.findLast(({ most }) => most <= rows) ?? { most: 1, statement: one };
}

/** The smallest that has a place for each row, else the largest. */
function filled({ one, several }: Gathering, rows: number): Several {
  const single = { most: 1, statement: one };
  return rows === 1 ? single : (several.find(({ most }) => most >= rows) ?? several.at(-1) ?? single);
}
