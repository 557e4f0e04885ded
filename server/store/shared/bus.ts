import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../../words/storeUnavailable.ts';
import type { Bus, Message } from '../contract/bus.ts';
import { answersWithin } from '../postgresPulse.ts';
import type { Session } from '../postgresSession.ts';
import { type Behind, createBehind } from './behind.ts';
import { nameOf, payloadsOf, readPayload } from './payloads.ts';

export interface OpenBus extends Bus {
  /** What is to be told behind commits. */
  readonly behind: Behind;
  close(): Promise<void>;
}

/** What a connection is made with. */
export interface BusWire {
  /** Called with whatever is told on the channel. */
  hear(payload: string): void;
  /** Called when the connection is gone. */
  lost(): void;
  /** Aborted when nobody waits for the connection any more. */
  signal: AbortSignal;
}

export interface BusOptions {
  connect(wire: BusWire): Promise<Session>;
  /** Told and heard by all who have the same store open. */
  channel: string;
  /** Marks what is told by this process. */
  sender: string;
  /** Between two looks whether the connection still answers, and how long an answer may take, in milliseconds: 5000. */
  lookMs?: number;
}

/** Between two tries to connect, in milliseconds: at first, and when it goes on. */
const [retryMs, longRetryMs] = [250, 2000];

/** So long after something was told, in milliseconds, what else is to be told is gathered. */
const gatherMs = 4;

/** Notifications that PostgreSQL has not answered: while there are as many, nothing more is told. */
const mostUnanswered = 64;

/**
 * LISTEN and NOTIFY on one connection, made again whenever it breaks. What is told goes out after the commit it is about,
 * in a transaction that writes nothing: a NOTIFY in the commit itself would make all commits of all processes wait for
 * each other's disk.
 */
export function openBus({ connect, channel, sender, lookMs = 5000 }: BusOptions): OpenBus {
  const listeners = new Set<(message: Message) => void>();
  const gaps = new Set<() => void>();
  const closing = new AbortController();
  const { signal } = closing;
  let session: Session | undefined;
  const say = (by: Session, payload: string) =>
    by.isOpen ? by.query('SELECT pg_notify($1, $2)', [channel, payload]) : undefined;
  const outbox = createOutbox(sender, (payload) => session && say(session, payload));
  const behind = createBehind(outbox.put, (by, messages) => {
    for (const payload of payloadsOf(sender, messages)) say(by, payload)?.catch(() => undefined);
  });

  function hear(payload: string): void {
    const told = readPayload(payload);
    if (!told || told.sender === sender) return;
    for (const message of told.messages) for (const listener of listeners) listener(message);
  }

  async function stayConnected(): Promise<void> {
    for (let waitMs = retryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, longRetryMs)) {
      const wasHeard = await listenOnce().catch(() => false);
      if (wasHeard) waitMs = retryMs;
      // Not all processes at once.
      await rest(waitMs * (0.5 + Math.random() / 2), signal);
    }
  }

  /** Until the connection is gone; true where there was one. */
  async function listenOnce(): Promise<true> {
    const lost = new AbortController();
    const own = await connect({ hear, lost: () => lost.abort(), signal });
    const over = AbortSignal.any([lost.signal, signal]);
    try {
      await answersWithin(lookMs, own, `LISTEN ${channel}`);
      session = own;
      for (const missed of gaps) missed();
      while (!over.aborted) {
        await rest(lookMs, over);
        if (!over.aborted) await answersWithin(lookMs, own);
      }
      return true;
    } finally {
      if (signal.aborted) outbox.flush();
      session = undefined;
      // Of one that is lost nobody waits for an answer.
      if (own.isOpen) await own.close();
      else own.break(new StoreUnavailable('the connection of the bus is gone'));
    }
  }

  const done = stayConnected();
  return {
    tell: outbox.put,
    tellBehind: behind.put,
    behind,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onGap(missed) {
      gaps.add(missed);
      return () => gaps.delete(missed);
    },
    async close() {
      closing.abort();
      await done;
    },
  };
}

/** Sends the first message at once and gathers what follows: many are told in one notification. */
function createOutbox(sender: string, send: (payload: string) => Promise<unknown> | undefined) {
  const told = new Map<string, Message>();
  let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  let unanswered = 0;

  function flush(): void {
    if (timer && told.size === 0) return void (timer = undefined);
    const messages = [...told.values()];
    told.clear();
    for (const payload of payloadsOf(sender, messages)) notify(payload);
    timer = setTimeout(flush, gatherMs);
  }

  function notify(payload: string): void {
    if (unanswered >= mostUnanswered) return;
    const answer = send(payload);
    if (!answer) return;
    unanswered++;
    const settle = (): void => void unanswered--;
    answer.then(settle, settle);
  }

  return {
    put(message: Message): void {
      const name = nameOf(message);
      // What is told again is newer than what was told meanwhile.
      told.delete(name);
      told.set(name, message);
      timer ??= setImmediate(flush);
    },
    flush,
  };
}

/** Resolves also when the signal is aborted. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
