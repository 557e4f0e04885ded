// @ts-check
import { pauseBefore } from '../pause.js';
/** @import { Job } from '../words.d.ts' */

/**
 * Tells of every job that is made or changes.
 * @param {object} options
 * @param {(job: Job) => void} options.changed
 * @param {() => Promise<unknown>} options.connected reads what may have been missed; runs at each connection
 * @param {(live: boolean) => void} options.state
 */
export function watchJobs({ changed, connected, state }) {
  let failures = 0;
  let closed = false;
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function connect() {
    source = new EventSource('events');
    source.addEventListener('open', () => {
      void connected();
      failures = 0;
      state(true);
    });
    source.addEventListener('run', ({ data }) => changed(JSON.parse(data)));
    source.addEventListener('error', () => {
      source?.close();
      state(false);
      failures += 1;
      clearTimeout(timer);
      timer = setTimeout(() => void again(), pauseBefore(failures));
    });
  }

  async function again() {
    // Where the session was lost, this shows the form.
    await connected().catch(() => undefined);
    if (!closed) connect();
  }

  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      source?.close();
    },
  };
}
