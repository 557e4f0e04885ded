import { uuid7 } from './uuid7.ts';

/** A lease that was never given before; its name says who holds it. */
export function newLeaseId(member: string, now: number): string {
  return `${uuid7(now)}@${member}`;
}

/** The id of the member that holds a lease; undefined where its name does not say. */
export function holderOf(leaseId: string | null): string | undefined {
  return /@(.+)$/.exec(leaseId ?? '')?.[1];
}
