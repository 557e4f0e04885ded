import { createHistogram, type Histogram } from './histogram.ts';

type WorkPlace = 'engine' | 'http';

/** Requests of one kind. */
export interface RequestMeter {
  method: string;
  route: string;
  /** By status. */
  answers: Map<number, number>;
  seconds: Histogram;
}

/** What this process counts of itself since its start. */
export interface Meters {
  request(method: string, route: string, status: number, seconds: number): void;
  readonly requests: Iterable<RequestMeter>;
  /** An attempt was claimed, or taken over, for an engine or an endpoint. */
  begun(place: WorkPlace): void;
  /** This process works on one no more. */
  done(place: WorkPlace): void;
  readonly attempts: Readonly<Record<WorkPlace, { begun: number; done: number }>>;
  readonly store: {
    write(): () => void;
    read(seconds: number): void;
    /** Works that were asked for and are not durable yet. */
    readonly waiting: number;
    readonly writes: Histogram;
    readonly reads: Histogram;
  };
  /** How much later than it should the event loop came to a timer, in seconds. */
  readonly lag: Histogram;
  close(): void;
}

const lagEveryMs = 500;
const lagBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;
/** Kinds of requests that are told apart; routes are few, methods that nobody knows are not. */
const mostKinds = 1000;
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createMeters(): Meters {
  const requests = new Map<string, RequestMeter>();
  const attempts = { engine: { begun: 0, done: 0 }, http: { begun: 0, done: 0 } };
  const lag = createHistogram(lagBounds);
  const stopLag = watchLag(lag);

  function requestMeter(method: string, route: string): RequestMeter | undefined {
    const known = methods.has(method) ? method : 'other';
    const name = `${known} ${route}`;
    const before = requests.get(name);
    if (before ?? requests.size >= mostKinds) return before;
    const made = { method: known, route, answers: new Map<number, number>(), seconds: createHistogram() };
    requests.set(name, made);
    return made;
  }

  return {
    request(method, route, status, seconds) {
      const meter = requestMeter(method, route);
      if (!meter) return;
      meter.answers.set(status, (meter.answers.get(status) ?? 0) + 1);
      meter.seconds.observe(seconds);
    },
    get requests() {
      return requests.values();
    },
    begun: (place) => void attempts[place].begun++,
    done: (place) => void attempts[place].done++,
    attempts,
    store: storeMeter(),
    lag,
    close: stopLag,
  };
}

function storeMeter(): Meters['store'] {
  const [writes, reads] = [createHistogram(), createHistogram()];
  let waiting = 0;
  return {
    write() {
      const begunAt = performance.now();
      waiting++;
      return () => {
        waiting--;
        writes.observe((performance.now() - begunAt) / 1000);
      };
    },
    read: (seconds) => reads.observe(seconds),
    get waiting() {
      return waiting;
    },
    writes,
    reads,
  };
}

function watchLag(lag: Histogram): () => void {
  let dueAt = performance.now() + lagEveryMs;
  const timer = setInterval(() => {
    const now = performance.now();
    lag.observe(Math.max(0, now - dueAt) / 1000);
    dueAt = now + lagEveryMs;
  }, lagEveryMs).unref();
  return () => clearInterval(timer);
}
