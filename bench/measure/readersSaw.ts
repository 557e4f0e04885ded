/** What `bench/readers.ts` tells of websockets that followed logs to their ends. */
export interface Seen {
  /** From when a line was printed until a reader had parsed it, in milliseconds. */
  p50: number;
  p99: number;
  max: number;
  /** Of lines with a time in them, for each reader that looked into what it got. */
  counts: number[];
  megabytes: number;
  /** Readers that were cut off before the end. */
  torn: number;
}
