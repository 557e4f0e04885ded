import type { ContainerResult, ContainerSpec, SeenLines } from './model/container.ts';
import { createContainerOutput } from './model/containerOutput.ts';
import type { Mark } from './model/spec.ts';
import { checkEnd, isBreak } from './steps/container/containerFaults.ts';
import { resultOf } from './steps/container/containerResult.ts';
import type { ContainerDeps, ContainerRun } from './steps/container/containerRun.ts';
import { createContainer } from './steps/container/createContainer.ts';
import { mayBeLost } from './steps/container/engineLog.ts';
import { type KnownContainer, lookAtContainer } from './steps/container/lookAtContainer.ts';
import { createPatience } from './steps/container/patience.ts';
import { toItsEnd } from './steps/container/toItsEnd.ts';
import { letsGo, untilStopped } from './steps/container/untilStopped.ts';
import type { Engine } from './steps/engine/engine.ts';
import { containerName } from './steps/engine/labels.ts';
import { removeContainer } from './steps/engine/ourContainers.ts';
import { inPhase } from './steps/inPhase.ts';

export type { ContainerDeps };

const nothing: SeenLines = { stdout: 0, stderr: 0, bytes: 0, newestAt: undefined };

/**
 * One container, from its image to its result: clone (pull and create), build (run), push (result). It stays on the
 * engine until `removeContainers`, so that whoever comes after us can take it over until its end is known.
 *
 * Throws a BuildFault; when `signal` aborts, its reason: for `lost` and `released` at once, and the container goes on;
 * for others after it was stopped and removed.
 */
export async function runContainer(
  deps: ContainerDeps,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<ContainerResult> {
  const line = new AbortController();
  const run = newRun(deps, spec, { seen: nothing, signal: line.signal });
  return untilStopped(run, { stop: signal, line }, async () => {
    const known = await inPhase(deps, 'clone', () => createContainer(run), { goesOn });
    return finish(run, known);
  });
}

/**
 * Goes on with the container that a dead predecessor left, from the lines that the log has of it. Undefined where there
 * is none. Throws as `runContainer` does, and `engine_lost` where the engine does not answer for 30 s.
 */
export async function takeOverContainer(
  deps: ContainerDeps,
  spec: ContainerSpec,
  seen: SeenLines,
  signal: AbortSignal,
): Promise<ContainerResult | undefined> {
  const line = new AbortController();
  // Nobody knows what became of the engine meanwhile.
  const run = newRun(deps, spec, { seen, signal: line.signal });
  run.wasBroken = true;
  run.progress = 'started';
  return untilStopped(run, { stop: signal, line }, async () => {
    const found = await find(run);
    if (found) return finish(run, 'unknown', found);
    run.progress = 'ended';
    return undefined;
  });
}

/**
 * Removes the container of an attempt with its anonymous volumes, to be called when the attempt's end is kept for good.
 * May be done again. Throws as `engine.call` does.
 */
export async function removeContainers(engine: Engine, mark: Mark, signal?: AbortSignal): Promise<void> {
  const found = await lookAtContainer(engine, mark, signal);
  if (found) await removeContainer(engine, found.id, signal);
}

function newRun(
  deps: ContainerDeps,
  spec: ContainerSpec,
  { seen, signal }: { seen: SeenLines; signal: AbortSignal },
): ContainerRun {
  const keepLastJson = spec.result === 'last_line';
  const output = createContainerOutput(deps.log, { seen, keepLastJson, mayBeLost });
  return {
    deps,
    spec,
    name: containerName(spec.mark),
    output,
    signal,
    wasBroken: false,
    wasShutDown: false,
    progress: 'new',
  };
}

async function finish(
  run: ContainerRun,
  known: 'new' | 'unknown',
  found?: KnownContainer,
): Promise<ContainerResult> {
  const { deps, spec } = run;
  const at = found && found.status !== 'created' ? { at: found.startedAt } : {};
  const end = await inPhase(deps, 'build', () => successfulEnd(run, known), { goesOn, ...at });
  const result =
    spec.result === undefined ? {} : await inPhase(deps, 'push', () => resultOf(run), { goesOn });
  return { imageId: end.imageId, ...result };
}

async function successfulEnd(run: ContainerRun, known: 'new' | 'unknown'): Promise<KnownContainer> {
  const end = await toItsEnd(run, known);
  run.progress = 'ended';
  checkEnd(run, end);
  return end;
}

/** An engine that is not there yet, as after a restart of the machine, is asked again. */
async function find({ deps, spec, signal }: ContainerRun): Promise<KnownContainer | undefined> {
  const patience = createPatience(signal);
  for (;;) {
    try {
      return await lookAtContainer(deps.engine, spec.mark, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isBreak(error)) throw error;
      await patience.rest(error);
    }
  }
}

function goesOn(error: unknown): boolean {
  return letsGo(error);
}
