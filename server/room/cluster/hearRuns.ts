import { setImmediate as turn } from 'node:timers/promises';
import type { Room } from '../room.ts';
import { createStirring } from './stirring.ts';
import { createTeller, type Teller } from './tellHeard.ts';

/** Tells those who listen in this process of runs that other processes change. */
export interface HeardRuns extends Pick<Teller, 'noteRun' | 'noteStep'> {
  /** A run, or its steps, changed elsewhere. */
  want(runId: string): void;
  /** Looks at all that somebody listens to; it is done once a second, for what nobody told of. */
  look(): void;
  close(): void;
}

/** Between two looks that nobody asked for, in milliseconds. */
const lookMs = 1000;

/** So long those who listen to all runs wait for a change, in milliseconds: then more changes are read together. */
const gatherMs = 100;

/** Of changes that only those are told of who listen to all runs, so many wait to be read; the next look finds others. */
const mostGathered = 2000;

/** Reads one after another, so that each finds what is no older than what the one before found. */
export function hearRuns({ store, events, report, now }: Room): HeardRuns {
  const teller = createTeller(events);
  const stirring = createStirring(store.read, now);
  const wanted = new Set<string>();
  const gathered = new Set<string>();
  let gathering: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  let [isLookDue, isFailing] = [false, false];
  const timer = setInterval(look, lookMs).unref();

  function want(runId: string): void {
    const { runs, steps, any } = events.listened();
    if (runs.has(runId) || steps.has(runId)) ask([runId]);
    else if (any && gathered.size < mostGathered) {
      gathered.add(runId);
      gathering ??= setTimeout(askGathered, gatherMs).unref();
    }
  }

  function askGathered(): void {
    gathering = undefined;
    ask(gathered);
    gathered.clear();
  }

  function ask(runIds: Iterable<string>): void {
    for (const runId of runIds) wanted.add(runId);
    reading ??= readAll();
  }

  function look(): void {
    const { runs, steps, any } = events.listened();
    teller.forgetUnheard();
    if (!any) stirring.rest();
    isLookDue = any;
    if (any || runs.size > 0 || steps.size > 0) ask([...runs.keys(), ...steps.keys()]);
  }

  async function readAll(): Promise<void> {
    // What is told in one go is read in one go.
    await turn();
    try {
      while (wanted.size > 0 || isLookDue) await (isLookDue ? lookAround() : readWanted());
      isFailing = false;
    } catch (error) {
      if (!isFailing) report.warn({ error }, `${unread}; it is looked at again`);
      isFailing = true;
    }
    teller.end();
    reading = undefined;
  }

  async function lookAround(): Promise<void> {
    isLookDue = false;
    teller.begin();
    const { found, gone } = await stirring.look();
    const { steps } = events.listened();
    // Who hears of the steps of a run has to hear of them before its end.
    const [stepped, others] = [
      found.filter(({ id }) => steps.has(id)),
      found.filter(({ id }) => !steps.has(id)),
    ];
    const later = [...gone, ...stepped.map(({ id }) => id), ...teller.tell(others)];
    for (const runId of later) wanted.add(runId);
  }

  async function readWanted(): Promise<void> {
    const ids = [...wanted];
    wanted.clear();
    teller.begin();
    const runs = await store.read.runsById(ids);
    const { steps } = events.listened();
    const stepped = ids.filter((id) => steps.has(id));
    const attempts = stepped.length === 0 ? [] : await store.read.stepsOfRuns(stepped);
    for (const runId of teller.tell(runs, attempts)) wanted.add(runId);
  }

  return {
    want,
    look,
    noteRun: teller.noteRun,
    noteStep: teller.noteStep,
    close() {
      clearInterval(timer);
      clearTimeout(gathering);
    },
  };
}

const unread = 'what other processes changed could not be read';
