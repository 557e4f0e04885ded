import type { RunReason } from '../words/reasons.ts';
import {
  type Attempt,
  type AttemptState,
  attemptStates,
  type Run,
  type RunState,
  runStates,
} from '../words/run.ts';

/** How an attempt, or a run, has gone so far, as far as lists filter and sort by it. */
export interface Course {
  /** Of an attempt; `queued` where a run is meant. */
  state: AttemptState;
  started: boolean;
  runState: RunState;
  reason: RunReason | null;
  /** The integer of the engine that works on it. */
  engineKey: number | null;
}

// The numbers below are in stores: none of them ever gets another meaning. What is new gets the next one.
const attemptCode: Record<AttemptState, number> = {
  queued: 0,
  running: 1,
  succeeded: 2,
  failed: 3,
  timed_out: 4,
  canceled: 5,
  lost: 6,
  released: 7,
};
const runCode: Record<RunState, number> = {
  waiting: 0,
  delayed: 1,
  queued: 2,
  running: 3,
  completed: 4,
  dead_letter: 5,
  failed: 6,
  timed_out: 7,
  crashed: 8,
  system_failed: 9,
  canceled: 10,
  expired: 11,
};
const reasonCode: Record<RunReason, number> = {
  source_refused: 1,
  source_not_found: 2,
  source_auth: 3,
  source_unreachable: 4,
  source_invalid: 5,
  ref_not_found: 6,
  bobfile_missing: 7,
  bobfile_invalid: 8,
  secret_refused: 9,
  dockerfile_missing: 10,
  dockerfile_invalid: 11,
  build_invalid: 12,
  base_image_not_found: 13,
  registry_unreachable: 14,
  registry_auth: 15,
  registry_denied: 16,
  push_failed: 17,
  image_name_refused: 18,
  platform_unavailable: 19,
  context_too_large: 20,
  context_invalid: 21,
  build_step_failed: 22,
  image_not_found: 23,
  container_invalid: 24,
  command_failed: 25,
  result_invalid: 26,
  out_of_memory: 27,
  engine_unreachable: 28,
  engine_lost: 29,
  engine_error: 30,
  disk_full: 31,
  timeout: 32,
  canceled: 33,
  lost: 34,
  released: 35,
  internal: 36,
  superseded: 37,
  expired: 38,
  dependency_unmet: 39,
  endpoint_refused: 40,
  endpoint_unreachable: 41,
  endpoint_timeout: 42,
  endpoint_busy: 43,
  endpoint_failed: 44,
  endpoint_denied: 45,
  endpoint_rejected: 46,
  endpoint_output: 47,
  endpoint_reported: 48,
  endpoint_silent: 49,
  container_lost: 50,
};

/** What each part of a course is counted in: it has room for as many as are between it and the next. */
const unit = { state: 1, started: 8, runState: 16, reason: 256, engineKey: 32_768 };

const attemptOfCode = backwards(attemptCode, attemptStates);
const runOfCode = backwards(runCode, runStates);
const reasonOfCode = backwards(reasonCode, Object.keys(reasonCode) as RunReason[]);

/** A course as one number, which a change of a part changes by the same whatever the others are. */
export function courseNumber({ state, started, runState, reason, engineKey }: Course): number {
  return (
    attemptCode[state] * unit.state +
    Number(started) * unit.started +
    runCode[runState] * unit.runState +
    (reason === null ? 0 : (reasonCode[reason] ?? 0)) * unit.reason +
    (engineKey ?? 0) * unit.engineKey
  );
}

type RunPart = Pick<Run, 'state' | 'reason' | 'startedAt'>;

/** The course of a run. */
export function runCourse({ state, reason, startedAt }: RunPart): number {
  const started = startedAt !== null;
  return courseNumber({ ...unqueued, runState: state, reason: reason as RunReason | null, started });
}

const unqueued = { state: 'queued', engineKey: null } as const;

/** The course of a run after a change of it. */
export function runCourseAfter(run: RunPart, patch: Partial<RunPart>): number {
  const { state = run.state, reason = run.reason, startedAt = run.startedAt } = patch;
  return runCourse({ state, reason, startedAt });
}

/** By how much a change of both changes the course of an attempt; only a claim changes more of it. */
export function courseChange(
  from: { attempt: Pick<Attempt, 'state' | 'reason'>; run: Pick<Run, 'state'> },
  to: { attempt: Pick<Attempt, 'state' | 'reason'>; run: Pick<Run, 'state'> },
): number {
  return numberOf(to) - numberOf(from);
}

function numberOf({ attempt: { state, reason }, run }: Parameters<typeof courseChange>[0]): number {
  const known = { state, reason: reason as RunReason | null, runState: run.state };
  return courseNumber({ ...known, started: false, engineKey: null });
}

/** The course of an attempt that waits. */
export const waiting = courseNumber({ ...unqueued, started: false, runState: 'queued', reason: null });

/** By how much a claim changes it. */
export function claimChange(engineKey: number | null): number {
  return (
    courseNumber({ state: 'running', started: true, runState: 'running', reason: null, engineKey }) - waiting
  );
}

/** What of a number says the state of the attempt, from 0 to 7: its lowest bits. */
export function stateDigit(course: number): number {
  return course % unit.started;
}

/** The course of a number; throws where there is none. */
export function courseOf(number: number): Course {
  const digit = (from: number, to: number) => Math.floor(number / from) % (to / from);
  const state = attemptOfCode.get(digit(unit.state, unit.started));
  const runState = runOfCode.get(digit(unit.runState, unit.reason));
  if (!state || !runState) throw new Error(`the store holds ${number}, which is no course`);
  return {
    state,
    started: digit(unit.started, unit.runState) === 1,
    runState,
    reason: reasonOfCode.get(digit(unit.reason, unit.engineKey)) ?? null,
    engineKey: Math.floor(number / unit.engineKey) || null,
  };
}

function backwards<T extends string>(codes: Record<T, number>, words: readonly T[]): ReadonlyMap<number, T> {
  return new Map(words.map((word) => [codes[word], word]));
}
