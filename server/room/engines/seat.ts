import type { Engine } from '../../../builder/steps/engine/engine.ts';
import type { Wish } from '../../words/wish.ts';
import { type Breaker, breakerState } from './breaker.ts';

/** What the settings allow the builds of an engine. */
export interface EngineTerms {
  memoryBytes?: number;
  cpus?: number;
  /** See `runNetwork`. */
  network?: string;
}

/** An engine as the settings have it. */
export interface ListedEngine {
  engine: Engine;
  /** Builds at once. */
  slots: number;
  /** As they were said. */
  labels: Readonly<Record<string, string>>;
  terms: EngineTerms;
  /** Nobody else uses it. */
  dedicated: boolean;
  /** Bytes that its disk may hold before a clean-up, and after it. */
  disk: { highBytes: number; lowBytes: number } | undefined;
}

/** What an engine said of itself when it was met. */
export interface EngineAbout {
  /** See `EngineInfo.id`. */
  daemon: string;
  version: string;
  apiVersion: string;
  platform: string;
  cpus: number;
  /** Bytes. */
  memory: number;
  /** Sentences about versions with known holes. */
  warnings: readonly string[];
}

/** An engine with its places for builds and what the last contact said. */
export interface EngineSeat extends ListedEngine {
  busy: number;
  state: 'unknown' | 'ok' | 'unreachable';
  /** Why the last contact failed. */
  problem: string | undefined;
  lastContactAt: number | undefined;
  /** Undefined until it was met. */
  about: EngineAbout | undefined;
  breaker: Breaker;
}

export function newSeat(listed: ListedEngine, breaker: Breaker): EngineSeat {
  const unmet = { state: 'unknown', problem: undefined, lastContactAt: undefined, about: undefined } as const;
  return { ...listed, ...unmet, busy: 0, breaker };
}

/** Whether an attempt may begin on it. */
export function takesMore({ state, busy, slots, breaker }: EngineSeat, wish: Wish, now: number): boolean {
  if (state !== 'ok' || wish !== 'on') return false;
  const circuit = breakerState(breaker, now);
  return busy < (circuit === 'closed' ? slots : circuit === 'half_open' ? 1 : 0);
}

/** What an engine is good for, as far as it is known. */
export interface Labelled {
  about: Pick<EngineAbout, 'platform'> | undefined;
  labels: Readonly<Record<string, string>>;
}

/** The labels of the settings, and the engine's own platform where they say none. */
export function labelsOf({ about, labels }: Labelled): Record<string, string> {
  return { ...(about && { platform: about.platform }), ...labels };
}
