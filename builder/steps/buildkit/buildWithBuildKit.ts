import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Access } from '../../model/access.ts';
import { createKitStream, type KitOutcome, type KitStream } from '../../model/buildkit/kitStream.ts';
import { BuildFault } from '../../model/faults.ts';
import type { CachePlan } from '../../model/imagePlan.ts';
import type { BuildLimits, ImageResult } from '../../model/spec.ts';
import type { SourceTree } from '../../model/tree.ts';
import type { FoundContext } from '../contextFiles.ts';
import { answers, buildFault } from '../engine/buildFaults.ts';
import type { ImageBuild } from '../engine/buildImage.ts';
import { EngineRefusal } from '../engine/engineFaults.ts';
import { openLine } from '../engine/hangUp.ts';
import { imageResult } from '../engine/imageResult.ts';
import { markLabels, tagsLabel } from '../engine/labels.ts';
import { readAnswer } from '../engine/readAnswer.ts';
import { credentials } from './credentials.ts';
import { fileSync, type SyncCount } from './fileSync.ts';
import { withHeredocHint } from './heredocHint.ts';
import { kitFault, wasCutOff } from './kitFaults.ts';
import { kitQuery } from './kitQuery.ts';
import { noticesAfter, noticesBefore } from './notices.ts';
import { secrets } from './secrets.ts';
import { openSession, type Session } from './session.ts';
import { openFolders, type SharedFolders } from './sharedFolders.ts';
import { sshForward } from './sshForward.ts';

export interface KitBuild extends Omit<ImageBuild, 'context' | 'dockerfile' | 'registries'> {
  tree: SourceTree;
  found: FoundContext;
  limits: Pick<BuildLimits, 'contextBytes' | 'contextEntries'>;
  /** Asked for credentials by host, and for the values of `secrets` and `ssh`. */
  access: Pick<Access, 'registry' | 'secret' | 'cacheExport'>;
  /** For `RUN --mount=type=secret`: the name of a secret by the id that the Dockerfile knows. */
  secrets: readonly { id: string; secret: string }[];
  /** The name of a secret that is a private key, for `RUN --mount=type=ssh`. */
  ssh?: string;
  cache: CachePlan;
}

/**
 * Builds an image with BuildKit, which asks for the files, credentials and secrets that it needs while it builds. Rejects
 * with a BuildFault, or with the signal's reason where that is one; then the build has ended on the engine, or
 * `onLeftover` was called.
 */
export async function buildWithBuildKit(build: KitBuild): Promise<ImageResult> {
  const { engine, options, cache } = build;
  const guard = createGuard(build.signal);
  const stream = createKitStream(build);
  const progress = { sent: false, ended: false };
  try {
    say(build, noticesBefore(options, cache, build.found.text));
    using folders = await openFolders(build, guard.signal);
    const outcome = await runBuild(build, { folders, guard, stream, progress });
    const id = await builtImage(build, guard, outcome);
    say(build, noticesAfter(outcome, cache, options.noCache === true));
    const { tags, signal } = build;
    return {
      ...(await imageResult(engine, id, { tags, steps: outcome.steps, signal })),
      builder: 'buildkit',
    };
  } catch (error) {
    stream.end();
    const fault = buildFault(build, guard, error);
    if (mayRemain(progress, error, fault)) build.onLeftover?.();
    throw fault;
  }
}

/** Longest time to let the engine end a stopped build in its own order, in milliseconds. */
const hangUpMs = 5_000;

/** Stops the build where the engine asked us for something that it cannot have. */
interface Guard {
  readonly signal: AbortSignal;
  readonly fault: BuildFault | undefined;
  fail(fault: BuildFault): void;
}

interface Progress {
  sent: boolean;
  /** The engine's answer came to its own end. */
  ended: boolean;
}

interface Running {
  folders: SharedFolders;
  guard: Guard;
  stream: KitStream;
  progress: Progress;
}

function createGuard(callerSignal: AbortSignal): Guard {
  const broken = new AbortController();
  let fault: BuildFault | undefined;
  return {
    signal: AbortSignal.any([callerSignal, broken.signal]),
    get fault() {
      return fault;
    },
    fail(reason) {
      fault ??= reason;
      broken.abort(reason);
    },
  };
}

async function runBuild(build: KitBuild, running: Running): Promise<KitOutcome> {
  const { folders, guard, stream, progress } = running;
  const count: SyncCount = { told: 0, files: 0, bytes: 0 };
  using session = await openKitSession(build, folders, guard, count);
  const query = kitQuery({
    ...build,
    ...(!build.access.cacheExport && { cacheSpace: sharedKey(build) }),
    session: session.id,
    dockerfile: folders.dockerfile,
    labels: { ...build.labels, ...markLabels(build.mark), [tagsLabel]: build.tags.join(' ') },
  });
  guard.signal.throwIfAborted();
  progress.sent = true;
  using line = openLine(guard.signal, Math.min(hangUpMs, build.goneTimeoutMs ?? hangUpMs));
  const answer = await build.engine.open({ method: 'POST', path: '/build', query, signal: line.signal });
  line.answered(answer);
  await readAnswer(answer, stream, build.log, guard.signal);
  progress.ended = true;
  guard.signal.throwIfAborted();
  say(build, [
    `the engine asked for ${count.files} of ${count.told} files and folders, ${count.bytes} bytes`,
  ]);
  return stream.end();
}

function openKitSession(
  build: KitBuild,
  folders: SharedFolders,
  guard: Guard,
  count: SyncCount,
): Promise<Session> {
  const { access } = build;
  return openSession(build.engine, {
    sharedKey: sharedKey(build),
    methods: [
      fileSync(folders.byName, count),
      credentials(access),
      secrets(build.secrets, access),
      ...sshForward(build.ssh, access),
    ],
    onFault: guard.fail,
    signal: guard.signal,
  });
}

/**
 * Stable for the same folder of the same repository: the engine keeps its files and asks only for what changed. It takes
 * a file for unchanged by its size and time, so files of strangers are kept apart from those that count.
 */
function sharedKey({ mark, labels, tags, found, access }: KitBuild): string {
  const source =
    labels['org.opencontainers.image.source'] ?? tags[0]?.replace(/:[^:/]*$/, '') ?? mark.attempt;
  return createHash('sha256')
    .update(JSON.stringify([mark.store, source, posix.join('/', found.folder), access.cacheExport]))
    .digest('hex');
}

async function builtImage(build: KitBuild, guard: Guard, outcome: KitOutcome): Promise<string> {
  const { engine, signal } = build;
  const { error, imageId, incomplete } = outcome;
  if (!error && imageId !== undefined && !incomplete) return imageId;
  if (!error)
    throw new BuildFault('engine_lost', `the engine ${engine.name} ended the build without an image`);
  // An engine that shuts down reports that as a failure of the build.
  if (wasCutOff(outcome) || !(await answers(engine, signal)))
    throw new BuildFault(
      'engine_lost',
      `the engine ${engine.name} stopped during the build: ${error.message}`,
    );
  throw guard.fault ?? withHeredocHint(kitFault(outcome), build.found.text);
}

/** An image may be there although the answer that names it did not come, and a step may go on. */
function mayRemain({ sent, ended }: Progress, error: unknown, fault: BuildFault): boolean {
  if (!sent || error instanceof EngineRefusal || fault.reason === 'engine_unreachable') return false;
  return !ended || fault.reason === 'engine_lost';
}

function say({ log }: Pick<KitBuild, 'log'>, notices: readonly string[]): void {
  for (const notice of notices) log.append('system', `${notice}\n`);
}
