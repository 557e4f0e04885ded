import type { Sources } from '../../builder/steps/source/sources.ts';
import type { Retention } from '../config/retentionSchema.ts';
import type { Store } from '../store/store.ts';
import type { Place } from '../words/run.ts';
import type { RunTokens } from '../words/runToken.ts';
import type { Sealer } from '../words/seal.ts';
import type { MissedTicks } from '../words/ticks.ts';
import type { AccessPolicy } from './buildAccess.ts';
import type { EnginePool } from './engines.ts';
import type { Wishes } from './engines/wishes.ts';
import type { Calls } from './calls/calls.ts';
import type { RunEvents } from './events.ts';
import type { Circuits } from './http/circuits.ts';
import type { HttpClient } from './http/client.ts';
import type { Dispatches } from './http/dispatches.ts';
import type { Keyring } from './keys/keyring.ts';
import type { Fleet } from './members/fleet.ts';
import type { Logs } from './logs/logs.ts';
import type { Meters } from './meters/meters.ts';
import type { Housekeeping } from './retention/housekeeping.ts';

/** What everything in the room works with. Made once by the program's entry and passed along. */
export interface Room {
  store: Store;
  logs: Logs;
  sources: Sources;
  engines: EnginePool;
  wishes: Wishes;
  /** What this process counts of itself. */
  meters: Meters;
  /** What these processes ask of each other. */
  calls: Calls;
  /** The processes that share the store, this one among them, and all their engines. */
  fleet: Fleet;
  events: RunEvents;
  sealer: Sealer;
  /** Let endpoints speak for the runs that they do; made by `runTokenOf`. */
  tokens: RunTokens;
  /** For everything that is posted to the outside. */
  http: HttpClient;
  /** Which endpoints keep failing. */
  circuits: Circuits;
  /** The HTTP attempts of this process. */
  dispatches: Dispatches;
  keyring: Keyring;
  /** What clean-ups know of each other, and of what is in use. */
  housekeeping: Housekeeping;
  /**
   * Hints that there may be something to claim, or due earlier than it was; polling alone would find it too. Also told to
   * other processes, which must be able to read it then, unless it is for those `here`.
   */
  wake(where?: 'here'): void;
  /**
   * The same within the transaction that makes it so, for who claims: here it is asked for right after these changes, and others
   * hear of it with their commit. `places` are those where it waits, where that is all that may be claimed.
   */
  wakeEarly(places?: readonly Place[]): void;
  /** The same after it, for who keeps the time here. */
  wakeClock(): void;
  /** The same where there may be something to tell the outside. */
  wakeNotifier(where?: 'here'): void;
  /** Stops the attempt of a run, in whatever process; false where this one holds none. */
  interrupt(runId: string): boolean;
  policy(): Policy;
  report: Report;
  now(): number;
  /** Aborted when the server goes away: whoever waits for a run's end hears it. */
  closing: AbortController;
  /** Aborted when it is told to stop: it goes on with what it does, and others are to be asked for what is new. */
  leaving: AbortController;
}

/** The part of the configuration that the room asks for at each use, so that a changed setting takes effect. */
export interface Policy {
  /** The address that a repository is cloned from. Throws a BuildFault where it is not allowed. */
  sourceUrl(account: string, repo: string): string;
  /** An address of a repository in its one normal form. Throws a BuildFault where its server is not allowed. */
  checkedSource(url: string): string;
  /** The credential for the host of an address, from the settings or the environment; undefined without one. */
  sourceCredential(
    url: string,
    token: string | undefined,
  ): { username: string; password: string } | undefined;
  /** Values that no log may show. */
  secrets(): string[];
  /** What builds may use besides their source. */
  access(): AccessPolicy;
  /** Who answers for builds, in their records: an address, or a urn. */
  builderId: string;
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
  /** Endpoints may be in private networks, and on any port. */
  allowPrivate: boolean;
  /** Endpoints that are called at once. */
  httpSlots: number;
  /** Milliseconds after which an endpoint that was heard of is taken for gone. */
  silenceMs: number;
  /** How often a webhook is tried. */
  webhookTries: number;
  /** What becomes of the ticks of schedules that nobody was there for. */
  missedTicks: MissedTicks;
  /** What is kept for how long. */
  retention: Retention;
}

/** Where the server says what happened to it; the shape of pino's methods. */
export interface Report {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
