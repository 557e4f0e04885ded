import { randomInt } from 'node:crypto';

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A new public name of a job's version: `ver_` and 12 characters of 0-9a-z. */
export function versionId(): string {
  return `ver_${Array.from({ length: 12 }, () => digits[randomInt(digits.length)]).join('')}`;
}
