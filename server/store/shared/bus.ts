import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../../words/storeUnavailable.ts';
import type { Bus, Message } from '../contract/bus.ts';
import type { Session } from '../postgresSession.ts';

export interface OpenBus extends Bus {
  close(): Promise<void>;
}

export interface BusOptions {
  /** Makes the connection; whatever is told on the channel comes to `hear`. */
  connect(hear: (payload: string) => void): Promise<Session>;
  /** Told and heard by all who have the same store open. */
  channel: string;
  /** Marks what is told by this process. */
  sender: string;
}

/** What NOTIFY takes is 8000 bytes. */
const mostBytes = 7900;
/** Between two tries to connect, and between two looks whether the connection still answers, in milliseconds. */
const [retryMs, lookMs] = [250, 5000];

/**
 * LISTEN and NOTIFY on one connection, made again whenever it breaks. What is told goes out after the commit it is about,
 * in a transaction that writes nothing: a NOTIFY in the commit itself would make all commits of all processes wait for
 * each other's disk.
 */
export function openBus({ connect, channel, sender }: BusOptions): OpenBus {
  const listeners = new Set<(message: Message) => void>();
  const gaps = new Set<() => void>();
  const closing = new AbortController();
  const told = new Map<string, Message>();
  let session: Session | undefined;
  let sending: NodeJS.Immediate | undefined;

  function hear(payload: string): void {
    const [from, ...messages] = JSON.parse(payload) as [string, ...Message[]];
    if (from === sender) return;
    for (const message of messages) for (const listener of listeners) listener(message);
  }

  function send(): void {
    sending = undefined;
    const texts = [...told.keys()];
    told.clear();
    if (!session?.isOpen) return;
    for (const payload of payloads(sender, texts))
      session.query('SELECT pg_notify($1, $2)', [channel, payload]).catch(() => undefined);
  }

  async function stayConnected(): Promise<void> {
    while (!closing.signal.aborted) {
      await connected().catch(() => undefined);
      await pause(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  async function connected(): Promise<void> {
    const own = await connect(hear);
    try {
      await own.command(`LISTEN ${channel}`);
      session = own;
      for (const missed of gaps) missed();
      while (!closing.signal.aborted) {
        await pause(lookMs, undefined, { signal: closing.signal }).catch(() => undefined);
        await answers(own);
      }
    } finally {
      session = undefined;
      await own.close();
    }
  }

  const done = stayConnected();
  return {
    tell(message) {
      told.set(JSON.stringify(message), message);
      sending ??= setImmediate(send);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onGap(missed) {
      gaps.add(missed);
      return () => gaps.delete(missed);
    },
    async close() {
      if (sending) send();
      closing.abort();
      await done;
    },
  };
}

/** A connection that was cut without a word is found out, so that it is made again. */
async function answers(session: Session): Promise<void> {
  const silent = new StoreUnavailable(`PostgreSQL did not answer within ${lookMs} ms`);
  const giveUp = setTimeout(() => session.break(silent), lookMs);
  try {
    await session.command('SELECT 1');
  } finally {
    clearTimeout(giveUp);
  }
}

function payloads(sender: string, texts: readonly string[]): string[] {
  const all: string[] = [];
  let part = JSON.stringify(sender);
  for (const text of texts) {
    if (part.length + text.length > mostBytes) {
      all.push(part);
      part = JSON.stringify(sender);
    }
    part += `,${text}`;
  }
  return [...all, part].map((messages) => `[${messages}]`);
}
