// @ts-check

/**
 * @typedef {{ view: 'list', query: Record<string, string> }} ListRoute
 * @typedef {{ view: 'job', id: string, line: number | undefined }} JobRoute
 * @typedef {{ view: 'workers' }} WorkersRoute
 * @typedef {ListRoute | JobRoute | WorkersRoute} Route
 */

/**
 * What a hash asks for: `#/jobs/<id>`, `#/jobs/<id>/L<line>`, `#/workers`, else the list with its filter.
 * @param {string} hash
 * @returns {Route}
 */
export function parseRoute(hash) {
  const job = /^#\/jobs\/([^/?]+)(?:\/L(\d{1,15}))?$/.exec(hash);
  if (job?.[1]) return { view: 'job', id: decoded(job[1]), line: job[2] ? Number(job[2]) : undefined };
  if (hash === '#/workers') return { view: 'workers' };
  const at = hash.indexOf('?');
  const query = Object.fromEntries(new URLSearchParams(at < 0 ? '' : hash.slice(at + 1)));
  return { view: 'list', query };
}

/** @param {string} id @param {number} [line] */
export const jobHash = (id, line) =>
  `#/jobs/${encodeURIComponent(id)}${line === undefined ? '' : `/L${line}`}`;

/** @param {Record<string, string | undefined>} query */
export function listHash(query) {
  const pairs = Object.entries(query).filter((pair) => pair[1]);
  const text = new URLSearchParams(/** @type {[string, string][]} */ (pairs)).toString();
  return text === '' ? '#/' : `#/?${text}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
