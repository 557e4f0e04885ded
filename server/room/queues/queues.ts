import type { QueueLoad } from '../../store/contract/queues.ts';
import type { Reads, Tx } from '../../store/store.ts';
import { Problem } from '../../words/problems.ts';
import {
  type KnownQueue,
  queueName,
  type QueueTerms,
  termsOf,
  unsaid,
  usualQueue,
} from '../../words/queue.ts';
import type { Room } from '../room.ts';

/** A queue as it is, and how much there is in it. */
export interface ShownQueue extends QueueLoad, QueueTerms {
  /** Who speaks for it: settings.json, the interface, or neither: the usual one, and those that jobs name. */
  source: 'settings' | 'api' | 'jobs';
}

/** What a client wants of a queue; what is absent stays as it is. */
export type QueueWish = Partial<QueueTerms>;

/** All of them, in the order of their names: known ones, those that something ever stood in, and the usual one. */
export async function listQueues({ store }: Room): Promise<ShownQueue[]> {
  const [known, loads] = await Promise.all([store.read.knownQueues(), store.read.queueLoads()]);
  const byName = new Map([unsaid(usualQueue), ...known].map((queue) => [queue.name, queue]));
  const loadOf = new Map(loads.map((load) => [load.name, load]));
  const names = [...new Set([...byName.keys(), ...loadOf.keys()])].toSorted();
  return names.map((name) => shown(byName.get(name) ?? unsaid(name), loadOf.get(name)));
}

/** Throws a Problem: not_found. */
export async function findQueue({ store }: Room, name: string): Promise<ShownQueue> {
  return shownIn(store.read, name);
}

/** Whether a run may be put into a queue by its name: the usual one, and those that somebody speaks for. */
export async function isKnownQueue({ store }: Pick<Room, 'store'>, name: string): Promise<boolean> {
  if (name === usualQueue) return true;
  return queueName.test(name) && (await store.read.knownQueue(name)) !== undefined;
}

/**
 * Makes a queue, or changes it. Throws a Problem: conflict where settings.json caps it, or pauses it and it is to go on.
 */
export async function putQueue(room: Room, name: string, wish: QueueWish): Promise<ShownQueue> {
  if (!queueName.test(name))
    throw new Problem('validation_error', `${JSON.stringify(name)} is no name of a queue`, { field: 'name' });
  return change(room, name, wish);
}

/** Starts nothing more of it, or goes on. Throws a Problem: not_found; conflict where settings.json pauses it. */
export async function pauseQueue(room: Room, name: string, paused: boolean): Promise<ShownQueue> {
  await findQueue(room, name);
  return change(room, name, { paused });
}

/** Throws a Problem: not_found; conflict where settings.json names it, or something is in it. */
export async function removeQueue(room: Room, name: string): Promise<void> {
  await room.store.write(async (tx) => {
    const { source, waiting, running } = await shownIn(tx, name);
    if (source === 'settings') throw declaredElsewhere(name, 'is declared');
    if (waiting > 0 || running > 0)
      throw new Problem('conflict', `${name} has ${waiting} runs that wait and ${running} that run`);
    await hold(tx, unsaid(name), room.now());
  });
  room.wake();
}

/**
 * Makes the queues what the settings say; what was asked for through the interface stays. Gives the names of those that
 * settings said something else of before.
 */
export async function setQueues(
  room: Room,
  declared: readonly ({ name: string } & QueueTerms)[],
): Promise<string[]> {
  const changed = await room.store.write(async (tx) => {
    const known = new Map((await tx.knownQueues()).map((queue) => [queue.name, queue]));
    const held = await tx.queues();
    const terms = new Map(declared.map(({ name, ...rest }) => [name, rest]));
    for (const name of new Set([...known.keys(), ...terms.keys(), ...held.map((queue) => queue.name)]))
      await hold(tx, { ...(known.get(name) ?? unsaid(name)), declared: terms.get(name) ?? null }, room.now());
    return [...known.values()]
      .filter((queue) => isOther(queue, terms.get(queue.name)))
      .map(({ name }) => name);
  });
  room.wake();
  return changed;
}

function isOther({ declared }: KnownQueue, terms: QueueTerms | undefined): boolean {
  if (!declared) return false;
  return declared.paused !== terms?.paused || declared.maxRunning !== terms.maxRunning;
}

async function change(room: Room, name: string, wish: QueueWish): Promise<ShownQueue> {
  const after = await room.store.write(async (tx) => {
    const queue = (await tx.knownQueue(name)) ?? unsaid(name);
    refuseOverruled(queue, wish);
    const made = { paused: false, maxRunning: null, ...queue.made, ...wish };
    await hold(tx, { ...queue, made }, room.now());
    return shownIn(tx, name);
  });
  room.wake();
  return after;
}

function refuseOverruled({ name, declared }: KnownQueue, { paused, maxRunning }: QueueWish): void {
  if (!declared) return;
  if (maxRunning !== undefined && maxRunning !== declared.maxRunning)
    throw declaredElsewhere(name, 'is capped');
  if (paused === false && declared.paused) throw declaredElsewhere(name, 'is paused');
}

function declaredElsewhere(name: string, how: string): Problem {
  return new Problem('conflict', `${name} ${how} in settings.json: change it there`);
}

async function hold(tx: Tx, queue: KnownQueue, now: number): Promise<void> {
  await tx.noteQueue(queue);
  await tx.setQueue({ name: queue.name, ...termsOf(queue) }, now);
}

async function shownIn(read: Pick<Reads, 'knownQueue' | 'queueLoad'>, name: string): Promise<ShownQueue> {
  const queue = queueName.test(name) ? await read.knownQueue(name) : undefined;
  const load = queueName.test(name) ? await read.queueLoad(name) : undefined;
  if (!queue && !load && name !== usualQueue) throw new Problem('not_found', `there is no queue ${name}`);
  return shown(queue ?? unsaid(name), load);
}

function shown(
  queue: KnownQueue,
  { waiting, running }: Pick<QueueLoad, 'waiting' | 'running'> = idle,
): ShownQueue {
  const { name, declared, made } = queue;
  return { name, source: declared ? 'settings' : made ? 'api' : 'jobs', ...termsOf(queue), waiting, running };
}

const idle = { waiting: 0, running: 0 };
