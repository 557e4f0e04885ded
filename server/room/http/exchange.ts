import type { Dispatcher } from 'undici';
import { asEndpointFault, EndpointFault } from './endpointFault.ts';

/** How long the parts of an exchange took, in milliseconds. */
export interface Timing {
  connectMs: number;
  ttfbMs: number;
  transferMs: number;
}

/** What an address answered. */
export interface Answer extends Timing {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whole where the status is 2xx, else its beginning. */
  body: Buffer;
}

/** One request as it is sent. */
export interface Sending {
  method: 'GET' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  /** The connection is not kept for another request. */
  reset: boolean;
}

/** What of a result is kept. */
const maxResultBytes = 1024 * 1024;
/** What of any other answer is looked at. */
const maxExcerptBytes = 4096;

/**
 * Sends one request and reads its answer. Rejects with an EndpointFault, or with the signal's reason as soon as it is
 * aborted, also while no connection is there yet.
 */
export function exchange(dispatcher: Dispatcher, sending: Sending, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader(resolve, reject, signal);
    const { method, url, headers, body, reset } = sending;
    const path = `${url.pathname}${url.search}`;
    dispatcher.dispatch({ origin: url.origin, path, method, headers, body, reset }, reader);
  });
}

class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal;
  readonly #begunAt = performance.now();
  #sentAt = this.#begunAt;
  #answeredAt = this.#begunAt;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Pick<Answer, 'status' | 'headers'> = { status: 0, headers: {} };
  #chunks: Buffer[] = [];
  #bytes = 0;
  #settled = false;

  constructor(resolve: (answer: Answer) => void, reject: (error: unknown) => void, signal: AbortSignal) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentAt = performance.now();
    if (this.#settled) controller.abort(new Error('nobody waits for the answer any more'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Answer['headers'],
  ): void {
    // What comes before the answer itself, e.g. early hints.
    if (status < 200) return;
    this.#answeredAt = performance.now();
    this.#head = { status, headers };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#isResult) {
      if (this.#bytes > maxResultBytes)
        this.fail(new EndpointFault('endpoint_output', 'endpoint answered with more than 1 MiB'));
    } else if (this.#bytes >= maxExcerptBytes) this.#finish();
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const fault = asEndpointFault(error);
    this.fail(
      this.#isResult && fault.reason === 'endpoint_unreachable'
        ? new EndpointFault('endpoint_output', `endpoint broke its answer off: ${error.message}`, error)
        : fault,
    );
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#reject(error);
    this.#controller?.abort(error instanceof Error ? error : new Error(String(error)));
  }

  get #isResult(): boolean {
    return isSuccess(this.#head.status);
  }

  readonly #onAbort = (): void => this.fail(this.#signal.reason);

  #finish(): void {
    if (!this.#settle()) return;
    const limit = this.#isResult ? maxResultBytes : maxExcerptBytes;
    const wasCut = this.#bytes >= limit && !this.#isResult;
    this.#resolve({
      ...this.#head,
      body: Buffer.concat(this.#chunks).subarray(0, limit),
      connectMs: this.#sentAt - this.#begunAt,
      ttfbMs: this.#answeredAt - this.#sentAt,
      transferMs: performance.now() - this.#answeredAt,
    });
    // The rest of an excerpt is of no use, and may have no end.
    if (wasCut) this.#controller?.abort(new Error('the beginning of the answer was enough'));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
