/** Of so few all may look at once. */
const few = 8;
/** What each more of them spreads the looks over, and all of them at most, in milliseconds. */
const [eachMs, mostMs] = [2, 1000];

/**
 * Does something for which many processes are woken at the same time, and which only the first of them find to do: of many,
 * each waits for a while of its own. The shortest of many whiles is short.
 */
export function inTurn(crowd: () => number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;

  function turn(): void {
    timer = undefined;
    act();
  }

  return () => {
    if (timer) return;
    const ms = Math.random() * Math.min(mostMs, eachMs * (crowd() - few));
    if (ms < 1) act();
    else timer = setTimeout(turn, ms).unref();
  };
}
