import type { IncomingMessage, ServerResponse } from 'node:http';
import { isPart, type Run } from '../../words/run.ts';
import type { Identity } from '../../words/scopes.ts';
import type { LiveDeps, LiveOptions } from './deps.ts';
import type { EventStream, EventStreams } from './eventStream.ts';
import { event } from './messages.ts';

/** Tells clients of every run that is new or changed. */
export interface RunsStream {
  /** The client is told of the runs that `identity` sees. */
  open(request: IncomingMessage, response: ServerResponse, identity: Identity): void;
}

const mostRuns = 5000;

/**
 * Each change is encoded once for all clients of a project, a run that changes often is told once per `coalesceMs`. A client that
 * does not keep up is cut off: it connects again, and then it reads the list anew anyway.
 */
export function newRunsStream(deps: LiveDeps, streams: EventStreams, options: LiveOptions): RunsStream {
  // Each with the project that it is told of; null is all of them.
  const clients = new Map<EventStream, string | null>();
  const changed = new Map<string, Run>();
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  function open(request: IncomingMessage, response: ServerResponse, identity: Identity): void {
    const stream = streams.open(request, response, identity, () => leave(stream));
    clients.set(stream, identity.kind === 'key' ? identity.project : null);
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
    // As in the list of runs, a child run is shown by its parent.
    if (isPart(run)) return;
    changed.set(run.id, run);
    if (changed.size > mostRuns) tell();
    else timer ??= setTimeout(tell, options.coalesceMs);
  }

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    const frames = [...changed.values()].map((run) => ({
      project: run.project,
      frame: event('run', undefined, JSON.stringify(deps.present(run))),
    }));
    changed.clear();
    const batches = new Map<string | null, Buffer>();
    for (const [client, project] of clients) {
      const batch = batches.get(project) ?? batchOf(frames, project);
      batches.set(project, batch);
      if (client.waiting > options.maxBuffered) client.drop();
      else if (batch.length > 0) client.write(batch);
    }
  }

  return { open };
}

/** All frames that readers of a project may see in one piece; of null, those of every project. */
function batchOf(frames: readonly { project: string; frame: Buffer }[], project: string | null): Buffer {
  const seen = frames.filter((one) => project === null || one.project === project);
  return Buffer.concat(seen.map(({ frame }) => frame));
}
