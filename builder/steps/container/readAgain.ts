import type { IncomingMessage } from 'node:http';
import type { ReplayReader } from '../../model/replayReader.ts';
import { BuildFault } from '../../model/faults.ts';
import type { FrameReader } from '../../model/frames.ts';
import { readAnswer } from '../engine/readAnswer.ts';
import type { Query } from '../engine/transport.ts';
import type { ContainerRun } from './containerRun.ts';
import { keepUp } from './keepUp.ts';
import type { KnownContainer } from './lookAtContainer.ts';

/** More entries are asked for than there are new ones, so that the first of them are known already. */
const spareEntries = 500;
/** To look for the newest of more is not quicker than to read all. */
const mostEntries = 1_000_000;

/**
 * Puts the output of a container that runs or has ended into the log, as far as it is not there yet, until it is over.
 */
export async function readAgain(run: ContainerRun, { status }: KnownContainer): Promise<void> {
  run.progress = 'started';
  const reader = run.output.replay();
  const readAll = async () => read(run, reader, await openLog(run, {}));
  if (status === 'running') await keepUp(run, { readAll, readNew: (lines) => readNew(run, reader, lines) });
  else await readAll();
  reader.end();
}

/** Reads the newest entries, about so many, and in any case as many as there are. */
async function readNew(run: ContainerRun, reader: ReplayReader, lines: number): Promise<void> {
  for (let entries = lines + spareEntries; ; entries *= 2) {
    const tail = reader.isEmpty || entries > mostEntries ? 'all' : entries;
    const rest = reader.tail();
    await read(run, rest, await openLog(run, { tail }));
    if (rest.isJoined) return;
    if (tail === 'all') return read(run, reader.tailByTime(), await openLog(run, { tail }));
  }
}

function openLog({ deps, name, signal }: ContainerRun, how: Query): Promise<IncomingMessage> {
  const query = { stdout: 1, stderr: 1, timestamps: 1, ...how };
  return deps.engine.open({ method: 'GET', path: `/containers/${name}/logs`, query, signal });
}

async function read(
  { deps, signal }: ContainerRun,
  reader: FrameReader,
  answer: IncomingMessage,
): Promise<void> {
  await readAnswer(answer, reader, deps.log, signal);
  if (reader.incomplete)
    throw new BuildFault('engine_lost', `the engine ${deps.engine.name} broke off the output`);
}
