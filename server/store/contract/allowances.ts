/** A budget that is filled up evenly over a minute, of which all processes take. */
export interface Budget {
  name: string;
  perMinute: number;
}

export interface Granted {
  granted: number;
  /** What is left of the budget then; below zero where more is owed. */
  level: number;
}

/** Budgets that nobody takes from are full, and need not be kept. */
export interface AllowanceStore {
  /**
   * Takes `want` whole shares, or as many as there are; `extra` more where a quarter of the budget stays. What is taken
   * twice because nobody heard the answer is lost, and never granted twice.
   */
  take(budget: Budget, want: number, extra: number): Promise<Granted>;
  /** Takes shares whatever is left. */
  owe(budget: Budget, cost: number): Promise<Granted>;
  level(budget: Budget): Promise<number>;
  /** Forgets those that are full again; how many. */
  forgetFull(): Promise<number>;
}
