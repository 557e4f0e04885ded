/** The lowest of the limits that were said; undefined where none was. */
export function least(...limits: (number | undefined)[]): number | undefined {
  const said = limits.filter((limit) => limit !== undefined);
  return said.length === 0 ? undefined : Math.min(...said);
}
