import type { Readable } from 'node:stream';
import { type BuildOutcome, type BuildStream, createBuildStream } from '../../model/buildStream.ts';
import type { RegistryCredential } from '../../model/access.ts';
import type { ImageTraces } from '../../model/imageTraces.ts';
import { createLineAssembler } from '../../model/lines.ts';
import type { BuildFault } from '../../model/faults.ts';
import type { LogSink } from '../../model/log.ts';
import type { BuildEvent, ImageOptions, ImageResult, Mark } from '../../model/spec.ts';
import { registryConfigHeader } from '../registry/registryHeaders.ts';
import { buildQuery } from './buildQuery.ts';
import { buildFault, builtImage } from './buildFaults.ts';
import { cgroupParent, removeCgroups } from './cgroup.ts';
import { type ContextGuard, guardContext } from './contextGuard.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal } from './engineFaults.ts';
import { openLine } from './hangUp.ts';
import { imageResult } from './imageResult.ts';
import { markLabels } from './labels.ts';
import { readAnswer } from './readAnswer.ts';
import { stampImage } from './stampImage.ts';
import { waitUntilGone } from './waitUntilGone.ts';

export interface ImageBuild {
  engine: Engine;
  /** A tar of the whole context. It is destroyed when the build ends, however it ends. */
  context: Readable;
  /** Path of the Dockerfile inside the context. */
  dockerfile: string;
  /** Full names, e.g. `acme/app:main`. */
  tags: readonly string[];
  options: ImageOptions;
  /** Credentials by the hosts of the Dockerfile's images; a build without FROM of a private registry needs none. */
  registries?: ReadonlyMap<string, RegistryCredential>;
  mark: Mark;
  /** Of this one build, put on the image besides `options.labels`, which its cache knows, and the mark's own. */
  labels: Readonly<Record<string, string>>;
  log: LogSink;
  onEvent: (event: BuildEvent) => void;
  traces?: ImageTraces | undefined;
  /** Its reason is what the build fails with. */
  signal: AbortSignal;
  /**
   * Called before the build fails, where nobody could see that its RUN container is gone: the engine does not
   * answer. What is left is found by `sweep` once the engine is back.
   */
  onLeftover?: () => void;
  /** Longest time to wait for the end of a stopped build's container, in milliseconds; 10 s where nothing is said. */
  goneTimeoutMs?: number;
}

/**
 * Builds an image with the engine's classic builder. Rejects with a BuildFault, or with the signal's reason where that
 * is one; then the build's container is gone from the engine, or `onLeftover` was called.
 */
export async function buildImage(build: ImageBuild): Promise<ImageResult> {
  const { engine, signal } = build;
  const guard = guardContext(build.context, signal);
  const stream = buildStreamOf(build);
  const progress: Progress = { sent: false, ended: false };
  try {
    const parent = cgroupParent(build.mark, (await engine.info(guard.signal)).cgroupDriver);
    const outcome = await runBuild(build, parent, stream, guard, progress);
    const unnamed = await builtImage(build, outcome, stream.container);
    const id = await stamped(build, parent, unnamed, progress);
    return await imageResult(engine, id, { tags: build.tags, steps: outcome.steps, signal });
  } catch (error) {
    stream.end();
    guard.release();
    const fault = buildFault(build, guard, error);
    if (mayRemain(progress, error, fault)) await leaveNothing(build, guard, stream.container);
    throw fault;
  } finally {
    guard.release();
    if (engine.local) await removeCgroups(build.mark);
  }
}

/** Longest time to let the engine end a stopped build in its own order, in milliseconds. */
const hangUpMs = 5_000;

interface Progress {
  sent: boolean;
  /** The engine's answer came to its own end. */
  ended: boolean;
}

function buildStreamOf({ log, onEvent, traces }: ImageBuild): BuildStream {
  const lines = createLineAssembler((stream, block) => log.append(stream, block));
  const onLayer = traces?.layer;
  return createBuildStream({ lines, onEvent, onLayer, now: Date.now });
}

async function runBuild(
  build: ImageBuild,
  parent: string | undefined,
  stream: BuildStream,
  guard: ContextGuard,
  progress: Progress,
): Promise<BuildOutcome> {
  const { engine, dockerfile, options } = build;
  const query = buildQuery({ dockerfile, options, cgroupParent: parent });
  guard.signal.throwIfAborted();
  progress.sent = true;
  using line = openLine(guard.signal, Math.min(hangUpMs, build.goneTimeoutMs ?? hangUpMs));
  const answer = await engine.open({
    method: 'POST',
    path: '/build',
    query,
    headers: registryConfigHeader(build.registries ?? new Map()),
    file: build.context,
    signal: line.signal,
  });
  line.answered(answer);
  await readAnswer(answer, stream, build.log, guard.signal);
  guard.signal.throwIfAborted();
  progress.ended = true;
  return stream.end();
}

async function stamped(
  build: ImageBuild,
  parent: string | undefined,
  imageId: string,
  progress: Progress,
): Promise<string> {
  const labels = { ...build.labels, ...markLabels(build.mark) };
  progress.ended = false;
  const id = await stampImage({ ...build, labels, cgroupParent: parent }, imageId, build.log);
  progress.ended = true;
  return id;
}

/** Only a build that was sent and did not come to its own end may have left a container. */
function mayRemain({ sent, ended }: Progress, error: unknown, fault: BuildFault): boolean {
  if (!sent || error instanceof EngineRefusal || fault.reason === 'engine_unreachable') return false;
  return !ended || fault.reason === 'engine_lost';
}

async function leaveNothing(
  build: ImageBuild,
  guard: ContextGuard,
  container: string | undefined,
): Promise<void> {
  const { engine, mark, goneTimeoutMs: timeoutMs = 10_000 } = build;
  const patient = build.signal.aborted || guard.fault !== undefined;
  const gone = await waitUntilGone(engine, mark, { container, timeoutMs, patient });
  if (!gone) build.onLeftover?.();
}
