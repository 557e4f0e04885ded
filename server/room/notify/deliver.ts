import type { Notification } from '../../store/contract/outbox.ts';
import { untilAnswered } from '../patientRoom.ts';
import type { Room } from '../room.ts';
import { notificationHeaders } from './headers.ts';
import { notificationSecret } from './secrets.ts';
import type { Letter, Post } from './send.ts';
import { type Sent, verdictOf } from './verdict.ts';

type Unsent = Extract<Sent, { kind: 'unsent' }>;

/** One try: sends the notification, and records what came of it, however long the store is away. Where `stop` came first, nothing is recorded. */
export async function deliver(
  room: Room,
  post: Post,
  one: Notification,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<void> {
  const createdAt = room.now();
  const start = performance.now();
  const letter = letterOf(room, one);
  const sent = 'kind' in letter ? letter : await post.send(letter, timeoutMs, stop);
  if (stop.aborted && sent.kind === 'unsent') return;
  const tookMs = Math.round(performance.now() - start);
  const number = one.tries + 1;
  const jitter = Math.random() * 2 - 1;
  const verdict = verdictOf(sent, { tried: number, maxTries: one.maxTries, jitter }, room.now());
  const { state, nextAt, status, error } = verdict;
  const attempt = { number, status, error, tookMs, createdAt };
  const record = () => room.store.write((tx) => tx.recordTry(one.id, attempt, { state, nextAt }));
  await untilAnswered(record, { signal: stop, report: room.report, who: { notification: one.id } });
  if (state === 'dead')
    room.report.warn({ notification: one.id, run: one.runId, error }, 'a webhook is not tried again');
}

/** What is to be sent; unsent, where its secret does not open. */
function letterOf(room: Room, one: Notification): Letter | Unsent {
  try {
    const secret = one.secret === null ? null : room.sealer.open(one.secret, notificationSecret(one.id));
    return { url: one.url, headers: notificationHeaders(one, secret, room.now()), body: one.body };
  } catch (error) {
    return { kind: 'unsent', error: error instanceof Error ? error.message : String(error), isFinal: true };
  }
}
