/** The store cannot be asked at the moment. Who tries again later may well succeed. */
export class StoreUnavailable extends Error {}
