import type { Bus } from '../../store/contract/bus.ts';
import type { CallStore, TakenCall } from '../../store/contract/calls.ts';
import { Problem } from '../../words/problems.ts';
import { StoreUnavailable } from '../../words/storeUnavailable.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { type Pump, startPump } from '../pump.ts';
import type { Report } from '../room.ts';
import { refusalText, valueText } from './answerText.ts';

/** Does what is asked. `signal` ends when nobody waits for it any more. */
export type Answerer = (question: unknown, signal: AbortSignal) => Promise<unknown>;

export interface AnsweringOptions {
  me: string;
  store: CallStore;
  bus: Bus;
  report: Report;
  answerers: ReadonlyMap<string, Answerer>;
}

/** Calls that are worked on at once. */
const mostAtOnce = 32;
/** Between two looks that nobody asked for, in milliseconds; after a call others follow more often than not. */
const [idleMs, busyMs, stayBusyMs] = [1000, 250, 10_000];
/** After its deadline a call is still worked on for so long: whoever asked gives up first, and says so. */
const graceMs = 200;
/** Between two tries to store an answer. */
const retryMs = 500;

/** Carries out what other processes ask of this one, each call once at most. */
export function startAnswering(options: AnsweringOptions): { close(): Promise<void> } {
  const { me, store, bus, report, answerers } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let lastAt = -Infinity;

  async function takeSome(): Promise<boolean> {
    const free = mostAtOnce - underWay.size;
    if (free <= 0) return false;
    const taken = await store.take(me, uuid7(), free);
    if (taken.length > 0) lastAt = performance.now();
    for (const call of taken) {
      const done = carryOut(call).finally(() => {
        underWay.delete(done);
        pump.wakeSoon();
      });
      underWay.add(done);
    }
    return taken.length > 0;
  }

  async function carryOut({ id, asker, kind, question, leftMs }: TakenCall): Promise<void> {
    const expired = AbortSignal.timeout(Math.max(0, leftMs) + graceMs);
    const signal = AbortSignal.any([expired, closing.signal]);
    const answer = await answerTo(answerers.get(kind), question, signal).catch((error: unknown) => {
      if (!expired.aborted && !(error instanceof Problem || error instanceof StoreUnavailable))
        report.error({ error, kind }, 'what another process asked failed');
      return refusalText(error);
    });
    await stored(() => store.answer(id, answer), signal);
    bus.tell({ kind: 'answer', id, to: asker });
  }

  // Who asks hears of a database that does not answer by himself.
  const turn = () => takeSome().catch(() => false);
  const pauseMs = async () => (performance.now() - lastAt < stayBusyMs ? busyMs : idleMs);
  const pump: Pump = startPump(report, turn, { pauseMs });
  pump.wake();
  const stopListening = bus.listen((message) => {
    if (message.kind === 'call' && message.to === me) pump.wakeSoon();
  });
  const stopGaps = bus.onGap(() => pump.wakeSoon());
  return {
    async close() {
      stopListening();
      stopGaps();
      await pump.stop();
      closing.abort(new Problem('unavailable', 'the process that was asked is shutting down'));
      await Promise.all(underWay);
    },
  };
}

async function answerTo(
  answerer: Answerer | undefined,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  if (!answerer)
    throw new Problem(
      'unavailable',
      'the process that was asked does not know how: it is of another version',
    );
  return valueText(await answerer(JSON.parse(question), signal));
}

/** Tries until it is stored or nobody waits for it. */
async function stored(store: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (;;)
    try {
      await store();
      return;
    } catch {
      if (signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
}
