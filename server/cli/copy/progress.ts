import type { WholeProgress } from './copy.ts';

/** Between two lines, in milliseconds: a person reads no faster. */
const everyMs = 200;

/** Tells a person at a terminal what is done now, in one line that is written over; nothing anywhere else. */
export function newProgress(to: NodeJS.WriteStream): WholeProgress & { end(): void } {
  let toldAt = 0;
  const tell = (text: string) => {
    if (!to.isTTY || performance.now() - toldAt < everyMs) return;
    toldAt = performance.now();
    to.write(`\r\u001b[K${text}`);
  };
  return {
    copied: (table, rows) => tell(`copying ${table}: ${rows} rows`),
    verified: (table, rows) => tell(`comparing ${table}: ${rows} rows`),
    step: (text) => tell(text),
    logs: ({ logs, lines }) => tell(`copying logs: ${logs} logs, ${lines} lines`),
    end: () => to.isTTY && to.write('\r\u001b[K'),
  };
}
