import type { Bus, Message } from '../../store/contract/bus.ts';
import type { RunEvents } from '../events.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { Room } from '../room.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Worker } from '../worker.ts';
import { type HeardRuns, hearRuns } from './hearRuns.ts';
import { inTurn } from './inTurn.ts';
import { createToldPlaces } from './toldPlaces.ts';

/** Who works in the room, as soon as they do. */
export interface Crew {
  worker: { current?: Pick<Worker, 'hint' | 'mayTake'> };
  scheduler: { current?: Pick<Scheduler, 'wake'> };
  notifier: { current?: Pick<Notifier, 'hint'> };
}

export interface Bridge {
  /** What happens in this one is told to the others. */
  room: Room;
  close(): void;
}

/** Between two looks of the scheduler that others ask for, in milliseconds. */
const dueMs = 50;

/**
 * Makes a room one with those of all processes that have the store open: what happens in one is heard in all. What is
 * heard is done in the `local` room, so that it is not told again.
 */
export function bridgeRoom(local: Room, crew: Crew): Bridge {
  const { shared } = local.store;
  if (!shared) return { room: local, close: () => undefined };
  const { bus } = shared;
  const runs = hearRuns(local);
  const hearers = hearersOf(local, crew, runs);
  const stops = [
    bus.listen((message) => hearers[message.kind]?.(message)),
    bus.onGap(() => catchUp(local, hearers, runs)),
  ];
  return {
    room: tellingRoom(local, crew, bus, runs),
    close() {
      for (const stop of stops) stop();
      runs.close();
    },
  };
}

function tellingRoom(local: Room, crew: Crew, bus: Bus, runs: HeardRuns): Room {
  return {
    ...local,
    events: tellingEvents(local.events, bus, runs),
    keyring: {
      ...local.keyring,
      forget() {
        local.keyring.forget();
        bus.tell({ kind: 'keys' });
      },
    },
    wake(where) {
      local.wake();
      if (where !== 'here') bus.tell({ kind: 'wake' });
    },
    wakeEarly(places) {
      const isLeft = places && crew.worker.current?.mayTake(places) !== true;
      local.wakeEarly(places);
      bus.tellBehind({ kind: 'wake', ...(isLeft && { places }) });
    },
    wakeNotifier(where) {
      local.wakeNotifier();
      // Who delivers by itself does not send the others after it.
      if (where !== 'here' && !crew.notifier.current) bus.tell({ kind: 'outbox' });
    },
    interrupt(runId) {
      const isOurs = local.interrupt(runId);
      if (!isOurs) bus.tell({ kind: 'cancel', run: runId });
      return isOurs;
    },
  };
}

function tellingEvents(local: RunEvents, bus: Bus, runs: HeardRuns): RunEvents {
  return {
    ...local,
    runChanged(run) {
      runs.noteRun(run);
      local.runChanged(run);
      bus.tell({ kind: 'run', run: run.id });
    },
    stepChanged(runId, step) {
      runs.noteStep(runId, step);
      local.stepChanged(runId, step);
    },
    stepsStored: (runId) => bus.tell({ kind: 'steps', run: runId }),
  };
}

/** What is done about a message; nothing about those that are for somebody else. */
type Hearers = { [kind in Message['kind']]?: (message: Message) => void };

function hearersOf(local: Room, crew: Crew, runs: HeardRuns): Hearers {
  const lookForDue = atMostEvery(dueMs, () => crew.scheduler.current?.wake());
  const waiting = createToldPlaces();
  const lookForWork = inTurn(local.fleet.crowd, () => crew.worker.current?.hint(waiting.take()));
  return {
    wake(message) {
      waiting.note('places' in message ? message.places : undefined);
      lookForWork();
      lookForDue();
    },
    outbox: () => crew.notifier.current?.hint(),
    cancel: ofRun((runId) => void local.interrupt(runId)),
    run: ofRun(runs.want),
    steps: ofRun(runs.want),
    wishes: () => void refreshWishes(local),
    keys: () => local.keyring.forget(),
  };
}

function ofRun(hear: (runId: string) => void): (message: Message) => void {
  return (message) => {
    if ('run' in message) hear(message.run);
  };
}

/** Something may have been told while nobody heard it. */
function catchUp({ keyring }: Room, hearers: Hearers, runs: HeardRuns): void {
  for (const kind of ['wake', 'outbox', 'wishes'] as const) hearers[kind]?.({ kind });
  keyring.forget();
  runs.look();
}

async function refreshWishes({ wishes, report }: Room): Promise<void> {
  try {
    await wishes.refresh();
  } catch (error) {
    report.warn({ error }, 'what is paused could not be read; it is looked at again');
  }
}

/** At once, and then once for all that ask for it in the time after. */
function atMostEvery(ms: number, act: () => void): () => void {
  let isAsked = false;
  let timer: NodeJS.Timeout | undefined;

  function turn(): void {
    timer = undefined;
    if (!isAsked) return;
    isAsked = false;
    act();
    timer = setTimeout(turn, ms).unref();
  }

  return () => {
    isAsked = true;
    if (!timer) turn();
  };
}
