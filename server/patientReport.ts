import type { Report } from './room/room.ts';
import { CommitUnknown, StoreUnavailable } from './words/storeUnavailable.ts';

/** What cannot be done because the store is away is told so often in the same words, in milliseconds. */
const silentMs = 60_000;

/**
 * A report of a process that does many things again every second: what fails because the store is away is told once a
 * minute for each sentence, with why and without a stack. All else is told as it is.
 */
export function patientReport(report: Report, elapsed = () => performance.now()): Report {
  const toldAt = new Map<string, number>();

  function isDue(sentence: string): boolean {
    const now = elapsed();
    if (now - (toldAt.get(sentence) ?? -Infinity) < silentMs) return false;
    toldAt.set(sentence, now);
    return true;
  }

  const telling = (level: 'warn' | 'error') => (fields: object, sentence: string) => {
    const away = awayIn(fields);
    if (!away) return report[level](fields, sentence);
    // Whether that one was stored has to be looked at by somebody.
    if (!(away instanceof CommitUnknown) && !isDue(sentence)) return;
    report[level]({ ...fields, error: undefined, why: away.message }, sentence);
  };

  return {
    info: (fields, sentence) => report.info(fields, sentence),
    warn: telling('warn'),
    error: telling('error'),
  };
}

/** The store that is away, where that is the error, or its cause. */
function awayIn(fields: object): StoreUnavailable | undefined {
  const error: unknown = 'error' in fields ? fields.error : undefined;
  if (error instanceof StoreUnavailable) return error;
  return error instanceof Error && error.cause instanceof StoreUnavailable ? error.cause : undefined;
}
