/** What a process does: everything, what is asked over HTTP and by the clock, or what engines do. */
export const roles = ['all', 'server', 'worker'] as const;
export type Role = (typeof roles)[number];

/** Whether it answers requests, keeps the time, calls endpoints and tells the outside. */
export function serves(role: Role): boolean {
  return role !== 'worker';
}

/** Whether it has engines. */
export function builds(role: Role): boolean {
  return role !== 'server';
}
