/** Levels of nesting of a JSON value. Deeper ones would overflow the stack of whoever writes them as text. */
export const mostLevels = 500;

/** Whether a JSON value is nested more deeply than anybody should have to read it. */
export function isTooDeep(value: unknown, levels = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}
