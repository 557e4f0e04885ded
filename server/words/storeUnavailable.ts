/** The store cannot be asked at the moment. Who tries again later may well succeed. */
export class StoreUnavailable extends Error {}

/** It broke off while it committed: what was written is there whole or not at all, and nobody knows which. */
export class CommitUnknown extends StoreUnavailable {}
