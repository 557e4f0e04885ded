import type { IncomingMessage } from 'node:http';
import type { Logs } from '../../room/logs/logs.ts';
import type { RunEvents } from '../../room/events.ts';
import type { Report } from '../../room/room.ts';
import type { Attempt, Run } from '../../words/run.ts';
import type { Identity } from '../../words/scopes.ts';

/** What the live side needs from the rest of the server. */
export interface LiveDeps {
  logs: Pick<Logs, 'lineCount' | 'follow'>;
  events: Pick<RunEvents, 'onRun' | 'onStep' | 'onAnyRun'>;
  store: {
    run(id: string): Promise<Run | undefined>;
    attempts(runId: string): Promise<Pick<Attempt, 'number' | 'steps'>[]>;
  };
  report: Report;
  /** What the readers are told of a run's state, e.g. `building`. */
  status(run: Run): string;
  /** A run as the stream of all runs shows it. */
  present(run: Run): object;
  /** Decides on a websocket's request: tells who asks, throws a Problem where it is refused. */
  admit(request: IncomingMessage): Promise<Identity>;
  /** Calls `end` when an identity counts no more; gives back what calls that off. */
  hold(identity: Identity, end: () => void): () => void;
}

export interface LiveOptions {
  /** A websocket that did not answer a ping until the next one is dropped. Milliseconds. */
  pingMs: number;
  /** Event streams get a comment as often, and are dropped when nothing of what waits was taken since the last. */
  keepaliveMs: number;
  /** A client with more than this waiting for it is not sent to until it has taken all of it. */
  maxBuffered: number;
  /** Changes of all runs are told as often at most. Milliseconds. */
  coalesceMs: number;
  /** More readers than this are refused. */
  maxReaders: number;
  /** The state of a run is looked up as often even if nobody told of a change. Milliseconds. */
  lookMs: number;
}

export const usualOptions: LiveOptions = {
  pingMs: 20_000,
  keepaliveMs: 15_000,
  maxBuffered: 1024 * 1024,
  coalesceMs: 200,
  maxReaders: 1000,
  lookMs: 15_000,
};
