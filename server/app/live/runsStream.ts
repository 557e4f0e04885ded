import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Run } from '../../words/run.ts';
import type { LiveDeps, LiveOptions } from './deps.ts';
import type { EventStream, EventStreams } from './eventStream.ts';
import { event } from './messages.ts';

/** Tells clients of every run that is new or changed. */
export interface RunsStream {
  open(request: IncomingMessage, response: ServerResponse): void;
}

const mostRuns = 5000;

/**
 * Each change is encoded once for all clients, a run that changes often is told once per `coalesceMs`. A client that
 * does not keep up is cut off: it connects again, and then it reads the list anew anyway.
 */
export function newRunsStream(deps: LiveDeps, streams: EventStreams, options: LiveOptions): RunsStream {
  const clients = new Set<EventStream>();
  const changed = new Map<string, Run>();
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  function open(request: IncomingMessage, response: ServerResponse): void {
    const stream = streams.open(request, response, () => leave(stream));
    clients.add(stream);
    stop ??= deps.events.onAnyRun(noted);
  }

  function leave(stream: EventStream): void {
    clients.delete(stream);
    if (clients.size > 0) return;
    stop?.();
    stop = undefined;
    clearTimeout(timer);
    timer = undefined;
    changed.clear();
  }

  function noted(run: Run): void {
    changed.set(run.id, run);
    if (changed.size > mostRuns) tell();
    else timer ??= setTimeout(tell, options.coalesceMs);
  }

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    const frames = [...changed.values()].map((run) =>
      event('run', undefined, JSON.stringify(deps.present(run))),
    );
    changed.clear();
    const all = Buffer.concat(frames);
    for (const client of clients) {
      if (client.waiting > options.maxBuffered) client.drop();
      else client.write(all);
    }
  }

  return { open };
}
