import type { KnownQueue } from '../../words/queue.ts';

/** How much there is in a queue at this moment. */
export interface QueueLoad {
  name: string;
  /** Attempts that wait for their turn, or for the end of a pause. */
  waiting: number;
  running: number;
}

export interface QueueReads {
  /** In the order of their names. */
  knownQueues(): Promise<KnownQueue[]>;
  knownQueue(name: string): Promise<KnownQueue | undefined>;
  /** Of every queue that something ever stood in; costs as much as there are jobs and concurrency keys in use. */
  queueLoads(): Promise<QueueLoad[]>;
  /** Undefined where nothing ever stood in it. */
  queueLoad(name: string): Promise<QueueLoad | undefined>;
}

export interface QueueWrites {
  /** A queue that nobody speaks for is forgotten. Holds nothing back by itself: that is `setQueue`. */
  noteQueue(queue: KnownQueue): Promise<void>;
}
