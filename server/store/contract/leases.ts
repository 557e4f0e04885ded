/** Leases, beside the order of writes: a renewal is about one row and no rule, and must not wait behind a crowd of writes. */
export interface Leases {
  /** As `renewLease` of a transaction does: false where the lease is not held any more. */
  renewLease(attemptId: string, leaseId: string, expiresAt: number): Promise<boolean>;
}
