/** Leave to ask an address; whoever has it says how that went. */
export interface Pass {
  /** `unknown`: nobody can tell, e.g. because the run was canceled meanwhile. */
  done(verdict: 'ok' | 'failed' | 'unknown'): void;
}

/** Keeps attempts from being spent on an address that fails and fails. */
export interface Circuits {
  /** A pass, or the time before which the address is not asked again. */
  enter(origin: string): Pass | { reopensAt: number };
}

export interface CircuitOptions {
  now: () => number;
  /** Failures in a row after which an address is left alone: 10. */
  threshold?: number;
  /** The first pause in milliseconds, twice as long after each failure that follows: 1000, at most 60000. */
  pauseMs?: number;
  maxPauseMs?: number;
}

interface Circuit {
  failures: number;
  pauses: number;
  openUntil: number;
  /** Until when the one request after a pause is believed to be under way. */
  probingUntil: number;
}

/** Addresses that are remembered; only those that failed last are. */
const remembered = 1000;
const probeMs = 60_000;

/** Kept in memory: a new process finds out by itself. */
export function createCircuits({
  now,
  threshold = 10,
  pauseMs = 1000,
  maxPauseMs = 60_000,
}: CircuitOptions): Circuits {
  /** Least recently failed first. */
  const circuits = new Map<string, Circuit>();

  function enter(origin: string): Pass | { reopensAt: number } {
    const circuit = circuits.get(origin);
    if (!circuit || circuit.failures < threshold) return passFor(origin);
    const time = now();
    if (time < circuit.openUntil) return { reopensAt: circuit.openUntil };
    if (time < circuit.probingUntil) return { reopensAt: time + pauseMs };
    circuit.probingUntil = time + probeMs;
    return passFor(origin);
  }

  function passFor(origin: string): Pass {
    return {
      done(verdict) {
        if (verdict === 'ok') circuits.delete(origin);
        else if (verdict === 'failed') fail(origin);
        else release(origin);
      },
    };
  }

  function fail(origin: string): void {
    const circuit = circuits.get(origin) ?? { failures: 0, pauses: 0, openUntil: 0, probingUntil: 0 };
    circuit.failures++;
    circuit.probingUntil = 0;
    // Requests that were under way when it opened say nothing new.
    if (circuit.failures >= threshold && now() >= circuit.openUntil)
      circuit.openUntil = now() + Math.min(maxPauseMs, pauseMs * 2 ** circuit.pauses++);
    keep(origin, circuit);
  }

  function release(origin: string): void {
    const circuit = circuits.get(origin);
    if (circuit) circuit.probingUntil = 0;
  }

  function keep(origin: string, circuit: Circuit): void {
    circuits.delete(origin);
    circuits.set(origin, circuit);
    if (circuits.size <= remembered) return;
    for (const oldest of circuits.keys()) {
      circuits.delete(oldest);
      return;
    }
  }

  return { enter };
}
