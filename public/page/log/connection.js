// @ts-check
import { fill, h, setText } from '../dom.js';
/** @import { Connection } from './tail.js' */

/**
 * Says how the connection is, and when the next try comes.
 * @param {() => void} tryNow
 */
export function createConnectionState(tryNow) {
  const element = h('span', { class: 'connection', role: 'status' });
  let wasLive = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let countdown;

  /** @param {number} until */
  function showWaiting(until) {
    // The seconds are for the eye; read aloud once a second they would only disturb.
    const left = h('span', { 'aria-hidden': 'true' });
    const tick = () =>
      setText(left, `Trying again in ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s`);
    fill(element, 'Connection lost.', left, h('button', { type: 'button', onclick: tryNow }, 'Try now'));
    tick();
    countdown = setInterval(tick, 1000);
  }

  return {
    element,
    /** @param {Connection} connection */
    show(connection) {
      clearInterval(countdown);
      element.className = `connection ${connection.kind}`;
      if (connection.kind === 'connecting') setText(element, wasLive ? 'Connecting again…' : 'Connecting…');
      if (connection.kind === 'live') setText(element, 'Live');
      if (connection.kind === 'ended') setText(element, 'Ended');
      if (connection.kind === 'waiting') showWaiting(connection.until);
      wasLive ||= connection.kind === 'live';
    },
    close: () => clearInterval(countdown),
  };
}
