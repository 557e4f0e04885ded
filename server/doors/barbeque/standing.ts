import type { Room } from '../../room/room.ts';
import { isTerminal } from '../../words/run.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import type { Execution } from './execution.ts';
import { messageIdShape } from './execution.ts';
import { type Standing, statusOf } from './status.ts';

type Reads = Room['store']['read'];
type RunStanding = NonNullable<Awaited<ReturnType<Reads['runStanding']>>>;

/** Retries of retries of … that are followed. */
const longestChain = 1000;

/** The run of this id as the store has it; undefined where there is none for this identity. */
export async function visibleStanding(
  { store }: Room,
  id: string,
  identity: Identity,
): Promise<RunStanding | undefined> {
  const run = messageIdShape.test(id) ? await store.read.runStanding(id) : undefined;
  return run && sees(identity, run.project) ? run : undefined;
}

export async function executionOf({ store }: Room, run: RunStanding): Promise<Execution> {
  const newest = run.retriedAs === null ? undefined : await newestOf(store.read, run);
  return { messageId: run.id, status: statusOf(run, newest), id: run.firstAttempt };
}

/** Where the retries of an ended run lead to. */
async function newestOf(read: Reads, run: RunStanding): Promise<Standing> {
  let newest = run;
  for (let followed = 0; followed < longestChain && isTerminal(newest.state); followed++) {
    const next = newest.retriedAs === null ? undefined : await read.runStanding(newest.retriedAs);
    if (!next) break;
    newest = next;
  }
  return newest;
}
