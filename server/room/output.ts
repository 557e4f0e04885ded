import { isTooDeep } from '../words/depth.ts';

/** The JSON text that a run gives back: a text itself where it is JSON that can be shown, else the text as a JSON string. */
export function asOutput(text: string): string {
  const trimmed = text.trim();
  try {
    if (!isTooDeep(JSON.parse(trimmed))) return trimmed;
  } catch {
    // No JSON.
  }
  return JSON.stringify(text);
}
