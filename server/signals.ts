import type { Report } from './room/room.ts';

export interface StopActions {
  report: Report;
  /** Ends everything, and lets builds finish first. */
  stop(): Promise<void>;
  /** Builds are not to be waited for any longer. */
  hurry(): void;
  /** Aborted, with an Error that says it, where there is another reason to stop. */
  orElse: AbortSignal;
}

/** What a stop may take in all once builds are not waited for, in milliseconds. */
const hurriedMs = 5000;

/** The first SIGTERM or SIGINT stops in good order, the second at once; another reason is a failure in the end. */
export function onStopSignals({ report, stop, hurry, orElse }: StopActions): void {
  let stopping = false;
  const end = (code: 0 | 1): void => {
    stopping = true;
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        report.error({ error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      report.warn({ signal }, 'shutting down at once');
      hurry();
      setTimeout(() => process.exit(1), hurriedMs).unref();
      return;
    }
    report.info({ signal }, 'shutting down: builds may finish, a second signal gives them back at once');
    end(0);
  };
  const onReason = (): void => {
    if (stopping) return;
    const error: unknown = orElse.reason;
    report.error({ error }, 'shutting down: builds may finish');
    end(1);
  };
  if (orElse.aborted) onReason();
  else orElse.addEventListener('abort', onReason);
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}
