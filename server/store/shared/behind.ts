import type { Message } from '../contract/bus.ts';
import type { Session } from '../postgresSession.ts';
import { nameOf } from './payloads.ts';

/** What others are told right behind a commit: no round trip later than they could read it. */
export interface Behind {
  /** A commit was sent on a connection: what it is time for is sent after it. */
  sent(by: Session): void;
  /** It is done. */
  done(): void;
}

/** Commits come in crowds: so long after one that took something along, in milliseconds, what others have is gathered. */
const gatherMs = 4;

/** `say` sends messages on a connection, `gather` takes those whose commits are done. */
export function createBehind(
  gather: (message: Message) => void,
  say: (by: Session, messages: Iterable<Message>) => void,
): Behind & { put(message: Message): void } {
  const kept = new Map<string, Message>();
  let saidAt = -Infinity;
  return {
    put: (message) => void kept.set(nameOf(message), message),
    sent(by) {
      const now = performance.now();
      if (kept.size === 0 || now < saidAt + gatherMs) return;
      saidAt = now;
      say(by, kept.values());
      kept.clear();
    },
    done() {
      for (const message of kept.values()) gather(message);
      kept.clear();
    },
  };
}
