import { createHash, randomInt } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^40 texts are 238 bits: nobody guesses one, so a plain hash is enough to keep. */
const length = 40;
const hintLength = 11;

export const keyPrefix = 'db_';
const form = /^db_[0-9A-Za-z]{40}$/;

/** A new key, as its owner gets to see it once. */
export function newKeyText(): string {
  return keyPrefix + Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

export function isKeyText(text: string): boolean {
  return form.test(text);
}

/** What the store knows a key by. */
export function hashOfKey(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What lists show of a key, to recognise it by. */
export function hintOfKey(text: string): string {
  return text.slice(0, hintLength);
}
