import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;
let lastMs = 0;
let count = 0;

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A UUID of version 7. Each is greater than all that this process made before, as text too, also within one
 * millisecond and when the clock goes back: then it keeps the greatest time seen and counts on.
 *
 * @param now milliseconds since 1970
 */
export function uuid7(now = Date.now()): string {
  const tail = randomTail();
  if (now > lastMs) restart(Math.floor(now), tail.readUInt16BE(0));
  else if (++count > 0xfff) restart(lastMs + 1, 0);
  tail.writeUInt16BE((tail.readUInt16BE(0) & 0x3fff) | 0x8000, 0);
  const time = lastMs.toString(16).padStart(12, '0');
  const rest = tail.toString('hex');
  const counter = count.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

/** Whether the text has the form of a UUID, of any version. */
export function isUuid(text: string): boolean {
  return shape.test(text);
}

/** The lower half of the counter's range is the start, so that there is room to count on. */
function restart(ms: number, random: number): void {
  lastMs = ms;
  count = random & 0x7ff;
}

/** Eight random bytes; drawn many at a time, because each draw costs more than the rest of an id. */
function randomTail(): Buffer {
  if (used + 8 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 8;
  return pool.subarray(used - 8, used);
}
