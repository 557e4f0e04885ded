// @ts-check

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds since 1970, or undefined for the zero time, which means: not yet. @param {string | undefined} text */
export function timeOf(text) {
  if (!text || text.startsWith('0001-')) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** @param {number} time @param {number} now */
export function ago(time, now) {
  const past = now - time;
  if (past < 5 * second) return 'just now';
  if (past < minute) return `${Math.floor(past / second)} s ago`;
  if (past < hour) return `${Math.floor(past / minute)} min ago`;
  if (past < day) return `${Math.floor(past / hour)} h ago`;
  if (past < 30 * day) return `${Math.floor(past / day)} d ago`;
  return new Date(time).toISOString().slice(0, 10);
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 0) return '0 s';
  if (ms < 10 * second) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min ${pad(Math.floor(ms / second) % 60)} s`;
  return `${Math.floor(ms / hour)} h ${pad(Math.floor(ms / minute) % 60)} min`;
}

/** Local time of day with milliseconds. @param {number} time */
export function clock(time) {
  const at = new Date(time);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** @param {number} time */
export const dateAndTime = (time) => local.format(time);

/** Decimal units, as the docker command line shows sizes. @param {number} count */
export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

/** @param {string} id `sha256:…` or a commit */
export const short = (id, length = 12) => id.replace(/^sha256:/, '').slice(0, length);

/** @param {number} count */
export const grouped = (count) => count.toLocaleString('en-US');

/** @param {number} number */
const pad = (number, width = 2) => String(number).padStart(width, '0');
