import Mocha from 'mocha';

/** Sent to the process that started mocha, when all tests are done. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Mocha's `spec` reporter, which also hands the totals to scripts/test.ts. */
export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      process.send?.({ passed, failed, skipped } satisfies Totals);
    });
  }
}
