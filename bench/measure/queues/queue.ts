/** A durable queue on PostgreSQL whose workers are measured. */
export interface Queue {
  /** Makes what it needs in an empty database, and queues jobs that do nothing. */
  fill(url: string, jobs: number): Promise<void>;
  /** Begins to work in this process as its documentation has it, with what else is wished; `onDone` is called for each job. */
  start(url: string, wishes: object, onDone: () => void): Promise<Working>;
}

export interface Working {
  stop(): Promise<void>;
}
