/** Of so few all may come at once. */
const few = 8;
/** What each more of them spreads them over, and all of them at most, in milliseconds. */
const [eachMs, mostMs] = [2, 1000];

/**
 * For how long, in milliseconds, one of many waits before it does what only the first of them finds to do; 0 where they are
 * few. The shortest of many whiles is short.
 */
export function whileInTurn(crowd: number): number {
  const ms = Math.random() * Math.min(mostMs, eachMs * (crowd - few));
  return Math.max(0, Math.floor(ms));
}

/** Does something for which many processes are woken at the same time, in turn. */
export function inTurn(crowd: () => number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;

  function turn(): void {
    timer = undefined;
    act();
  }

  return () => {
    if (timer) return;
    const ms = whileInTurn(crowd());
    if (ms === 0) act();
    else timer = setTimeout(turn, ms).unref();
  };
}
