/** A time of a row that has `modified_at`: not before its newest change, also where the clock was set back since. */
export function later(at: string): string {
  const time = `CAST(${at} AS BIGINT)`;
  return `CASE WHEN ${time} > modified_at THEN ${time} ELSE modified_at END`;
}
