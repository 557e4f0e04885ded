import { Readable, type Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { pack } from 'tar-stream';
import { messageFile, messageFolder, wayOf } from '../../model/containerMessage.ts';
import type { OutputReader } from '../../model/outputReader.ts';
import { BuildFault } from '../../model/faults.ts';
import { EngineRefusal } from '../engine/engineFaults.ts';
import { readAnswer } from '../engine/readAnswer.ts';
import { attach, cutTogether } from './attach.ts';
import type { ContainerRun } from './containerRun.ts';

const startTimeoutMs = 60_000;
/** The engine tells of a container's end right after its output has ended; later, and it was the connection that ended. */
const exitGraceMs = 1_000;

/** Starts a container that was never started, and puts its output into the log until both have ended. */
export async function startAndRead(run: ContainerRun): Promise<void> {
  const { deps, spec, name, signal } = run;
  const { engine } = deps;
  const path = `/containers/${name}/wait`;
  const way = spec.message && wayOf(spec.message);
  if (spec.message && way === 'file') await putMessage(run, spec.message.text);
  const reader = run.output.live();
  using cut = cutTogether(signal);
  // Both before the start, so that neither output nor end can be missed.
  const [stream, exit] = await Promise.all([
    attach(run, cut.signal, { stdin: way === 'stdin' }),
    engine.open({ method: 'POST', path, query: { condition: 'next-exit' }, signal: cut.signal }),
  ]);
  // Before the start, too: what is on its way to the engine arrives whatever becomes of us.
  if (spec.message && way === 'stdin') stream.end(spec.message.text);
  run.progress = 'started';
  await start(run);
  await readToExit(run, reader, stream, text(exit));
}

/** Readable for whatever user the container has. */
async function putMessage({ deps, name, signal }: ContainerRun, message: string): Promise<void> {
  const tar = pack();
  tar.entry({ name: messageFile, mode: 0o444 }, message);
  tar.finalize();
  const path = `/containers/${name}/archive`;
  const query = { path: messageFolder };
  await text(await deps.engine.open({ method: 'PUT', path, query, file: Readable.from(tar), signal }));
}

async function start({ deps, name, signal }: ContainerRun): Promise<void> {
  signal.throwIfAborted();
  try {
    await deps.engine.call({ method: 'POST', path: `/containers/${name}/start`, timeoutMs: startTimeoutMs });
  } catch (error) {
    // Somebody's earlier request came through after all: what it wrote before we listened has to be read again.
    if (error instanceof EngineRefusal && error.status === 304) throw outputLost(deps.engine.name);
    throw error;
  }
}

async function readToExit(
  { deps, signal }: ContainerRun,
  reader: OutputReader,
  stream: Duplex,
  exit: Promise<string>,
): Promise<void> {
  // Without the one connection the other is of no use.
  exit.catch(() => stream.destroy());
  await readAnswer(stream, reader, deps.log, signal);
  if (!(await isSoon(exit, exitGraceMs)) || reader.incomplete) throw outputLost(deps.engine.name);
  reader.end();
}

async function isSoon(event: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([event.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

function outputLost(engine: string): BuildFault {
  return new BuildFault(
    'engine_lost',
    `the connection to the engine ${engine} broke: the output ended early`,
  );
}
