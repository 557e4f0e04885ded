import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from '../words/wish.ts';
import type { Room } from './room.ts';

export interface ServerState {
  state: Wish;
  /** Runs that are worked on, by whatever process. */
  busy: number;
  /** Runs that could be worked on, or soon could. */
  waiting: number;
  /** Nothing is worked on; and unless the server is held back, nothing waits for it either. */
  idle: boolean;
}

/** Two reads of counters: that costs less than to follow every change of every run. */
const lookAgainMs = 200;

export async function serverState({ store, wishes }: Room): Promise<ServerState> {
  const state = wishes.server();
  const [busy, waiting] = await Promise.all([
    store.read.countRuns({ states: ['running'] }),
    store.read.countRuns({ states: ['queued'] }),
  ]);
  return { state, busy, waiting, idle: busy === 0 && (state !== 'on' || waiting === 0) };
}

/** Resolves when the server is idle, when `waitMs` are over, when nobody waits any more, or when it goes away. */
export async function untilIdle(room: Room, waitMs: number, gone: AbortSignal): Promise<ServerState> {
  const until = performance.now() + waitMs;
  const either = AbortSignal.any([gone, room.closing.signal]);
  for (;;) {
    const state = await serverState(room);
    const left = until - performance.now();
    if (state.idle || left <= 0 || either.aborted) return state;
    await pause(Math.min(left, lookAgainMs), undefined, { signal: either }).catch(() => undefined);
  }
}
