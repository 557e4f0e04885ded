import type { Sources } from '../../builder/steps/source/sources.ts';
import type { Store } from '../store/store.ts';
import type { Sealer } from '../words/seal.ts';
import type { EnginePool } from './engines.ts';
import type { RunEvents } from './events.ts';
import type { Logs } from './logs/logs.ts';

/** What everything in the room works with. Made once by the program's entry and passed along. */
export interface Room {
  store: Store;
  logs: Logs;
  sources: Sources;
  engines: EnginePool;
  events: RunEvents;
  sealer: Sealer;
  /** Hints that there may be something to claim; polling alone would find it too. */
  wake(): void;
  /** Stops the attempt of a run that this process works on; false where it holds none. */
  interrupt(runId: string): boolean;
  policy(): Policy;
  report: Report;
  now(): number;
  /** Aborted when the server goes away: whoever waits for a run's end hears it. */
  closing: AbortController;
}

/** The part of the configuration that the room asks for at each use, so that a changed setting takes effect. */
export interface Policy {
  /** The address that a repository is cloned from. Throws a BuildFault where it is not allowed. */
  sourceUrl(account: string, repo: string): string;
  /** The credential for the host of an address, from the settings or the environment; undefined without one. */
  sourceCredential(
    url: string,
    token: string | undefined,
  ): { username: string; password: string } | undefined;
  /** Values that no log may show. */
  secrets(): string[];
  maxAttempts: number;
  /** Seconds. */
  timeoutSecs: number;
  leaseMs: number;
  contextBytes: number;
  contextEntries: number;
  gitTimeoutMs: number;
  buildMemoryBytes: number | undefined;
  buildCpus: number | undefined;
  /** Milliseconds after the end of a run when its log is put away; 0 is never. */
  archiveAfterMs: number;
}

/** Where the server says what happened to it; the shape of pino's methods. */
export interface Report {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
