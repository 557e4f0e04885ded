/** What came of one try. */
export type Sent =
  | { kind: 'answered'; status: number; retryAfterMs?: number; excerpt: string }
  /** `isFinal`: no later try can go better. */
  | { kind: 'unsent'; error: string; isFinal: boolean };

export type Verdict =
  | { state: 'delivered'; nextAt: null; status: number; error: null }
  | { state: 'pending'; nextAt: number; status: number | null; error: string }
  | { state: 'dead'; nextAt: null; status: number | null; error: string };

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** The pauses after the first try, the second …; the last one repeats. */
const pausesMs = [5 * secondMs, 25 * secondMs, 2 * minuteMs, 10 * minuteMs, hourMs] as const;
const spread = 0.2;

/** Refusals that mean: not now. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What follows from a try: `tried` of `maxTries`, this one included. `jitter` from -1 to 1 says where in the spread
 * around the pause the next try lies.
 */
export function verdictOf(
  sent: Sent,
  { tried, maxTries, jitter }: { tried: number; maxTries: number; jitter: number },
  now: number,
): Verdict {
  const status = sent.kind === 'answered' ? sent.status : null;
  if (status !== null && status >= 200 && status < 300)
    return { state: 'delivered', nextAt: null, status, error: null };
  const error = errorOf(sent);
  if (isFinal(sent) || tried >= maxTries) return { state: 'dead', nextAt: null, status, error };
  return { state: 'pending', nextAt: now + pauseMs(sent, tried, jitter), status, error };
}

function isFinal(sent: Sent): boolean {
  if (sent.kind === 'unsent') return sent.isFinal;
  return sent.status >= 400 && sent.status < 500 && !passing.has(sent.status);
}

function errorOf(sent: Sent): string {
  if (sent.kind === 'unsent') return sent.error;
  const said = sent.excerpt === '' ? '' : `: ${sent.excerpt}`;
  return `the receiver answered ${sent.status}${said}`;
}

/** Milliseconds to the next try; longer where the receiver asks for it, at most an hour. */
function pauseMs(sent: Sent, tried: number, jitter: number): number {
  const usual = pausesMs[Math.min(tried, pausesMs.length) - 1] ?? hourMs;
  const asked = sent.kind === 'answered' ? (sent.retryAfterMs ?? 0) : 0;
  return Math.max(Math.round(usual * (1 + spread * jitter)), Math.min(asked, hourMs));
}
