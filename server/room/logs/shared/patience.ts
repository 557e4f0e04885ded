/** Where nobody has patience any more, and nothing was stored for so many milliseconds, nothing more is tried. */
const stillMs = 1000;

/**
 * Calls `giveUp` some time after nobody waits for a database any more that takes nothing; gives back what ends that. What it
 * takes yet is stored.
 */
export function watchPatience(
  patience: AbortSignal | undefined,
  stored: () => number,
  giveUp: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    let seen = stored();
    timer ??= setInterval(() => {
      if (stored() === seen) giveUp();
      seen = stored();
    }, stillMs);
  };
  patience?.addEventListener('abort', begin);
  if (patience?.aborted) begin();
  return () => {
    patience?.removeEventListener('abort', begin);
    clearInterval(timer);
  };
}
