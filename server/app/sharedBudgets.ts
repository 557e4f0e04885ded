import type { AllowanceStore, Budget, Granted } from '../store/contract/allowances.ts';
import { type Buckets, createBuckets, type Taken, takenOf } from './buckets.ts';
import type { Budgets } from './budgets.ts';

/** What this process has of a budget. */
interface Share {
  readonly budget: Budget;
  /** Taken, and not asked for yet; it is lost after a moment, for others may want it. */
  spare: number;
  spareUntil: number;
  /** What was asked for since then, and how much that was in the moment before. */
  used: number;
  usedSince: number;
  usual: number;
  /** When the database last told how much is left. */
  toldAt: number;
  /** Who waits for the answer to the next question. */
  waiting: Waiting[];
  asking: boolean;
}

interface Waiting {
  /** What this process counts by itself. */
  own: Taken;
  give(taken: Taken): void;
}

/** A moment, and how long what the database said of a budget is believed, in milliseconds. */
const [momentMs, believedMs] = [250, 1000];
/** How long the database may take to answer; and for how long nobody asks it after it did not. */
const [answerMs, restMs] = [1000, 1000];
const mostShares = 10_000;

/**
 * Of all processes that have one database open. Takes a little more than is asked for where there is plenty, so that not
 * each request asks the database. While the database does not answer, each process counts by itself.
 */
export function sharedBudgets(store: AllowanceStore, own: Buckets = createBuckets()): Budgets {
  const shares = new Map<string, Share>();
  let restsUntil = -Infinity;

  function shareOf(name: string, perMinute: number): Share {
    const known = shares.get(name);
    shares.delete(name);
    const [oldest] = shares.keys();
    if (shares.size >= mostShares && oldest !== undefined) shares.delete(oldest);
    const isSame = known?.budget.perMinute === perMinute;
    const share = isSame ? known : newShare({ name, perMinute });
    shares.set(name, share);
    return share;
  }

  /** Undefined where the database does not answer: then what this process counted counts. */
  async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < restsUntil) return undefined;
    const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, answerMs, undefined);
    const answer = await Promise.race([question().catch(() => undefined), tooLate]);
    clearTimeout(timer);
    if (answer === undefined) restsUntil = performance.now() + restMs;
    return answer;
  }

  function learn({ budget, spare, waiting }: Share, level: number): void {
    own.set(budget.name, level + spare - waiting.length);
  }

  /** All that are asked for while a question is under way are asked for together by the next one. */
  async function askForAll(share: Share): Promise<void> {
    share.asking = true;
    while (share.waiting.length > 0) {
      const waiting = share.waiting.splice(0);
      const extra = extraOf(share);
      const answer = await ask(() => store.take(share.budget, waiting.length, extra));
      if (answer) serve(share, waiting, answer);
      else for (const one of waiting) one.give(one.own);
    }
    share.asking = false;
  }

  function serve(share: Share, waiting: Share['waiting'], { granted, level }: Granted): void {
    const now = performance.now();
    share.spare = Math.max(0, granted - waiting.length);
    share.spareUntil = now + momentMs;
    share.toldAt = now;
    learn(share, level);
    for (const [index, one] of waiting.entries())
      one.give(takenOf(level + share.spare, share.budget.perMinute, index < granted));
  }

  return {
    async take(name, perMinute) {
      const taken = own.take(name, perMinute, 1);
      if (!taken.granted) return taken;
      const share = shareOf(name, perMinute);
      share.used++;
      if (share.spare > 0 && performance.now() < share.spareUntil) {
        share.spare--;
        return taken;
      }
      const { promise, resolve } = Promise.withResolvers<Taken>();
      share.waiting.push({ own: taken, give: resolve });
      if (!share.asking) void askForAll(share);
      return promise;
    },
    async look(name, perMinute) {
      const share = shareOf(name, perMinute);
      if (performance.now() - share.toldAt > believedMs) {
        share.toldAt = performance.now();
        const level = await ask(() => store.level(share.budget));
        if (level !== undefined) learn(share, level);
      }
      return own.take(name, perMinute, 0);
    },
    async owe(name, perMinute, cost) {
      const taken = own.owe(name, perMinute, cost);
      const share = shareOf(name, perMinute);
      const answer = await ask(() => store.owe(share.budget, cost));
      if (!answer) return taken;
      learn(share, answer.level);
      return takenOf(answer.level + share.spare, perMinute, true);
    },
  };
}

function newShare(budget: Budget): Share {
  const nothing = { spare: 0, spareUntil: 0, used: 0, usual: 0, waiting: [], asking: false };
  return { ...nothing, budget, usedSince: performance.now(), toldAt: -Infinity };
}

/** Half of what is usual in a moment: where fewer come than before, little is lost. */
function extraOf(share: Share): number {
  const passedMs = performance.now() - share.usedSince;
  if (passedMs >= momentMs) {
    share.usual = (share.used * momentMs) / passedMs;
    share.used = 0;
    share.usedSince = performance.now();
  }
  return Math.floor(Math.min(share.usual / 2, share.budget.perMinute / 20));
}
