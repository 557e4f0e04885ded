// @ts-check
import { pauseBefore } from '../pause.js';
import { overEvents, overSocket } from './transport.js';
/** @import { Frame } from '../words.d.ts' */

/** @typedef {{ kind: 'connecting' | 'live' | 'ended' } | { kind: 'waiting', until: number }} Connection */

/** A tab that was hidden for so long asks anew: its connection may be dead without a sign. */
const longHidden = 30_000;

/**
 * Follows the log of a job until its `end` frame, through lost connections.
 * @param {object} options
 * @param {string} options.job
 * @param {() => string} options.query what to ask for now: `n=…` at first, later `from=…`
 * @param {(frame: Frame) => void} options.frame
 * @param {(connection: Connection) => void} options.connection
 * @param {() => Promise<boolean>} options.lost asked before each new try; false gives up
 */
export function followTail({ job, query, frame, connection, lost }) {
  const stop = new AbortController();
  let failures = 0;
  let ended = false;
  let hiddenAt = 0;
  /** @type {{ close: () => void } | undefined} */
  let current;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function connect() {
    clearTimeout(timer);
    current?.close();
    connection({ kind: 'connecting' });
    // Every third try goes the other way: a proxy may let only one of the two through.
    const transport = failures % 3 === 2 ? overEvents : overSocket;
    current = transport(job, query(), {
      opened: () => connection({ kind: 'live' }),
      frame(received) {
        failures = 0;
        if (received.type === 'end') finish();
        frame(received);
      },
      closed() {
        if (ended) return;
        failures += 1;
        wait();
      },
    });
  }

  function finish() {
    ended = true;
    current?.close();
    connection({ kind: 'ended' });
  }

  function wait() {
    const pause = pauseBefore(failures);
    connection({ kind: 'waiting', until: Date.now() + pause });
    timer = setTimeout(() => void again(), pause);
  }

  async function again() {
    clearTimeout(timer);
    const goOn = await lost();
    if (stop.signal.aborted || ended) return;
    if (goOn) connect();
    else finish();
  }

  function visibilityChanged() {
    if (document.hidden) hiddenAt = Date.now();
    else if (!ended && Date.now() - hiddenAt > longHidden) void again();
  }

  document.addEventListener('visibilitychange', visibilityChanged, { signal: stop.signal });
  window.addEventListener('online', () => !ended && void again(), { signal: stop.signal });
  connect();
  return {
    /** Does not wait for the pause to end. */
    tryNow: () => void again(),
    close() {
      stop.abort();
      clearTimeout(timer);
      current?.close();
    },
  };
}
