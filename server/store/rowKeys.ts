/** The tables whose rows can get their keys before they are inserted. */
export type KeyedTable = 'runs';

/**
 * Keys of rows that are inserted later than they are told. Nobody else inserts before the end of the transaction: once one
 * row of it has its key from the database, each further one gets the next.
 */
export interface Keys {
  /** The key of the next row; undefined while the database alone knows it. */
  next(table: KeyedTable): number | undefined;
  /** A row has this key. */
  used(table: KeyedTable, key: number): void;
  /** What was inserted may be undone. */
  forget(): void;
}

export function createKeys(): Keys {
  const last = new Map<KeyedTable, number>();
  return {
    next(table) {
      const key = last.get(table);
      return key === undefined ? undefined : key + 1;
    },
    used: (table, key) => void last.set(table, key),
    forget: () => last.clear(),
  };
}
