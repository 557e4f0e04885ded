import type { Room } from '../../room/room.ts';
import { runStates } from '../../words/run.ts';
import type { Figures } from './figures.ts';
import type { MetricsText } from './text.ts';

/** What this process counts of itself. */
export function tellProcess(text: MetricsText, room: Pick<Room, 'fleet' | 'meters'>): void {
  const { name, role, version, startedAt } = room.fleet.me;
  const { meters } = room;
  text.value('info', { version, name, role }, 1);
  for (const place of ['engine', 'http'] as const) {
    text.value('attempts_begun_total', { place }, meters.attempts[place].begun);
    text.value('attempts_done_total', { place }, meters.attempts[place].done);
  }
  for (const { method, route, answers, seconds } of meters.requests) {
    for (const [status, count] of answers)
      text.value('http_requests_total', { method, route, status }, count);
    text.histogram('http_request_seconds', { method, route }, seconds);
  }
  text.histogram('store_write_seconds', {}, meters.store.writes);
  text.histogram('store_read_seconds', {}, meters.store.reads);
  text.value('store_writes_waiting', {}, meters.store.waiting);
  text.histogram('event_loop_lag_seconds', {}, meters.lag);
  const { heapUsed, rss } = process.memoryUsage();
  text.value('resident_memory_bytes', {}, rss);
  text.value('heap_used_bytes', {}, heapUsed);
  const { user, system } = process.cpuUsage();
  text.value('cpu_seconds_total', {}, (user + system) / 1e6);
  text.value('start_time_seconds', {}, startedAt / 1000);
}

/** What the store tells, and all who share it. */
export function tellFigures(text: MetricsText, figures: Figures, now: number): void {
  for (const state of runStates) text.value('runs', { state }, figures.runs[state] ?? 0);
  for (const { name: queue, waiting, running, oldestQueuedAt } of figures.queues) {
    text.value('queue_waiting', { queue }, waiting);
    text.value('queue_running', { queue }, running);
    const waitedMs = oldestQueuedAt === null ? 0 : Math.max(0, now - oldestQueuedAt);
    text.value('queue_oldest_seconds', { queue }, waitedMs / 1000);
  }
  for (const { state, reason, attempts } of figures.ends)
    text.value('attempts_ended_total', { outcome: state, reason: reason ?? '' }, attempts);
  if (figures.logBytes !== undefined) text.value('log_bytes', {}, figures.logBytes);
  for (const same of Map.groupBy(figures.members, (one) => `${one.role} ${stateOf(one)}`).values()) {
    const [first] = same;
    if (first) text.value('members', { role: first.role, state: stateOf(first) }, same.length);
  }
  for (const [state, same] of Map.groupBy(figures.engines, (one) => one.state))
    text.value('engines', { state }, same.length);
  for (const { name: engine, worker: member, slots, busy } of figures.engines) {
    text.value('engine_slots', { engine, member }, slots);
    text.value('engine_busy', { engine, member }, busy);
  }
}

function stateOf({ isLost, doing }: Figures['members'][number]): string {
  return isLost ? 'lost' : doing;
}
