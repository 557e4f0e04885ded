import { randomBytes } from 'node:crypto';
import { type Notifier, type NotifierOptions, startNotifier } from '../../../server/room/notify/notifier.ts';
import { notificationSecret } from '../../../server/room/notify/secrets.ts';
import type { Policy, Room } from '../../../server/room/room.ts';
import type { NewNotification, Notification } from '../../../server/store/contract/outbox.ts';
import { createSealer } from '../../../server/words/seal.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { known, temporaryStore, type TemporaryStore } from '../store/temporaryStore.ts';

/** A store with an outbox, and whoever delivers from it. The clock can be put forward. */
export interface PostOffice {
  readonly store: TemporaryStore;
  readonly room: Room;
  /** What was reported. */
  readonly reports: { fields: object; sentence: string }[];
  /** Starts whoever delivers, in place of the one before. */
  start(options?: NotifierOptions): Promise<Notifier>;
  /** Puts a notification into the outbox; gives its id. */
  add(url: string, wish?: Partial<NewNotification>): Promise<string>;
  /** Puts the clock forward, in milliseconds, and wakes whoever delivers. */
  later(ms: number): void;
  /** The notification, once it is as `state` says, after so many tries. */
  settled(id: string, state: Notification['state'], tries?: number): Promise<Notification>;
  close(): Promise<void>;
}

export async function openPostOffice(wish: Partial<Policy> = {}): Promise<PostOffice> {
  const store = await temporaryStore();
  const sealer = createSealer(randomBytes(32));
  const reports: PostOffice['reports'] = [];
  const report = (fields: object, sentence: string) => void reports.push({ fields, sentence });
  let shift = 0;
  let notifier: Notifier | undefined;
  const room = {
    store,
    sealer,
    now: () => Date.now() + shift,
    policy: () => ({ allowPrivate: true, webhookTries: 3, ...wish }),
    wakeNotifier: () => notifier?.wake(),
    report: { info: report, warn: report, error: report },
  } as unknown as Room;
  return {
    store,
    room,
    reports,
    async start(options = {}) {
      await notifier?.stop(0);
      return (notifier = startNotifier(room, options));
    },
    async add(url, { secret = null, ...more } = {}) {
      const id = uuid7();
      const own = { id, project: 'acme', jobId: uuid7(), runId: uuid7(), event: 'run.completed', url };
      const sealed = secret === null ? null : sealer.seal(secret, notificationSecret(id));
      const rest = { secret: sealed, body: '{"status":"completed"}', maxTries: 3, createdAt: room.now() };
      await store.write((tx) => tx.addNotification({ ...own, ...rest, ...more }));
      notifier?.wake();
      return id;
    },
    later(ms) {
      shift += ms;
      notifier?.wake();
    },
    settled: (id, state, tries) =>
      waitFor(`the notification to be ${state}`, async () => {
        const one = await known(store.read.notification(id));
        return one.state === state && (tries ?? one.tries) === one.tries ? one : undefined;
      }),
    async close() {
      await notifier?.stop(0);
      await store.remove();
    },
  };
}
