import type { Report } from './room.ts';

/** Does a chore again and again, never twice at a time; a failure is told and the next turn comes all the same. */
export function every(ms: number, name: string, report: Report, chore: () => Promise<void>): () => void {
  let stopped = false;
  let timer = setTimeout(turn, ms);
  timer.unref();

  function turn(): void {
    chore()
      .catch((error: unknown) => report.error({ error }, `${name} failed; it is tried again`))
      .finally(() => {
        if (stopped) return;
        timer = setTimeout(turn, ms);
        timer.unref();
      });
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
