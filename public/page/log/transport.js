// @ts-check
/** @import { Frame } from '../words.d.ts' */

/**
 * @typedef {object} Listener
 * @property {() => void} opened
 * @property {(frame: Frame) => void} frame
 * @property {() => void} closed called once, unless `close` was called before
 */
/** @typedef {(job: string, query: string, listener: Listener) => { close: () => void }} Transport */

/** The log over a websocket. @type {Transport} */
export function overSocket(job, query, listener) {
  const url = new URL(`jobs/${encodeURIComponent(job)}/tail?${query}`, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url);
  const once = closeOnce(listener, () => socket.close());
  socket.addEventListener('open', () => once.alive() && listener.opened());
  socket.addEventListener('message', ({ data }) => once.alive() && listener.frame(JSON.parse(String(data))));
  socket.addEventListener('close', once.lost);
  socket.addEventListener('error', once.lost);
  return once;
}

/** The same over server-sent events, for networks that let no websocket through. @type {Transport} */
export function overEvents(job, query, listener) {
  const source = new EventSource(
    new URL(`jobs/${encodeURIComponent(job)}/stream?${query}`, document.baseURI),
  );
  const once = closeOnce(listener, () => source.close());
  source.addEventListener('open', () => once.alive() && listener.opened());
  for (const name of ['message', 'lines', 'gap', 'state', 'step', 'end'])
    source.addEventListener(name, ({ data }) => once.alive() && listener.frame(JSON.parse(data)));
  // Its own way to come back would ask for the same `from` again.
  source.addEventListener('error', once.lost);
  return once;
}

/** @param {Listener} listener @param {() => void} closeIt */
function closeOnce(listener, closeIt) {
  let open = true;
  const close = () => {
    const first = open;
    open = false;
    if (first) closeIt();
    return first;
  };
  return {
    alive: () => open,
    close: () => void close(),
    lost: () => {
      if (close()) listener.closed();
    },
  };
}
