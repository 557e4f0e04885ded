import { folderBytes } from '../../../builder/steps/folderBytes.ts';

/** What all logs take on the disk together. */
export interface LogSizes {
  /** Measured when it is asked for the first time, and counted from there on. */
  total(): Promise<number>;
  /** A log became larger, or smaller, by so many bytes. */
  changed(bytes: number): void;
}

export function newLogSizes(folder: string): LogSizes {
  let measured: Promise<number> | undefined;
  // What is written while it is being measured may count twice: it is little beside all the rest.
  let since = 0;

  return {
    async total() {
      if (!measured) since = 0;
      measured ??= folderBytes(folder);
      return Math.max(0, (await measured) + since);
    },
    changed(bytes) {
      since += bytes;
    },
  };
}
