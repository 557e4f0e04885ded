/** Remembers that requests could not be stored because a disk is full. */
export interface FullDisk {
  /** One more was refused for it. True where that is worth a line: once a minute. */
  refused(): boolean;
  /** Whether one was refused within the last minute, after which they were told to come again. */
  readonly isFull: boolean;
}

const minuteMs = 60_000;

/**
 * A write that succeeds proves nothing, because many need no room; so what counts is how long ago one had none.
 */
export function createFullDisk(monotonicMs = () => performance.now()): FullDisk {
  let refusedAt = -Infinity;
  let toldAt = -Infinity;
  return {
    refused() {
      refusedAt = monotonicMs();
      if (refusedAt - toldAt < minuteMs) return false;
      toldAt = refusedAt;
      return true;
    },
    get isFull() {
      return monotonicMs() - refusedAt < minuteMs;
    },
  };
}
