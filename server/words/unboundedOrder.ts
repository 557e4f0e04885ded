/** Thrown where a list is to be sorted in a way that would look at too many rows. Its message says what to ask for instead. */
export class UnboundedOrder extends Error {}
