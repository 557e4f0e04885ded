import type { Report } from './room/room.ts';

export interface StopActions {
  report: Report;
  /** Ends everything, and lets builds finish first. */
  stop(): Promise<void>;
  /** Builds are not to be waited for any longer. */
  hurry(): void;
}

/** What a stop may take in all once builds are not waited for, in milliseconds. */
const hurriedMs = 5000;

/** The first SIGTERM or SIGINT stops in good order, the second at once. */
export function onStopSignals({ report, stop, hurry }: StopActions): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      report.warn({ signal }, 'shutting down at once');
      hurry();
      setTimeout(() => process.exit(1), hurriedMs).unref();
      return;
    }
    stopping = true;
    report.info({ signal }, 'shutting down: builds may finish, a second signal gives them back at once');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        report.error({ error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}
