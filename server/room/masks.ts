import { createRedactor } from '../../builder/model/redact.ts';
import type { Redact } from './masking.ts';

/** A redactor that learns: some secrets are known only when a build asks for them. */
export interface Masks {
  redact: Redact;
  learn(secret: string): void;
}

export function createMasks(known: readonly string[]): Masks {
  const secrets = new Set(known);
  let current = createRedactor([...secrets]);
  return {
    redact: (text) => current(text),
    learn(secret) {
      if (secrets.has(secret)) return;
      secrets.add(secret);
      current = createRedactor([...secrets]);
    },
  };
}
