import { finished, type Readable } from 'node:stream';
import { BuildFault } from '../../model/faults.ts';

/** Watches a context while it is sent, so that a broken one never looks whole to the engine. */
export interface ContextGuard {
  /** Aborted by the caller's signal, by a broken context and by `release`. */
  readonly signal: AbortSignal;
  /** Why the context broke. */
  readonly fault: BuildFault | undefined;
  /** Ends the request and the source of the context, whatever state they are in. */
  release(): void;
}

export function guardContext(context: Readable, callerSignal: AbortSignal): ContextGuard {
  const broken = new AbortController();
  let fault: BuildFault | undefined;
  let released = false;

  // A source that is destroyed without an error would leave the request open for ever.
  finished(context, { writable: false }, (error) => {
    if (!error || released) return;
    fault = error instanceof BuildFault ? error : contextFault(error);
    broken.abort(fault);
  });

  return {
    signal: AbortSignal.any([callerSignal, broken.signal]),
    get fault() {
      return fault;
    },
    release() {
      released = true;
      context.destroy();
      broken.abort();
    },
  };
}

function contextFault(cause: Error): BuildFault {
  return new BuildFault('context_invalid', `the build context could not be read: ${cause.message}`, {
    cause,
  });
}
