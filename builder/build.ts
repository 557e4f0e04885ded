import { BuildFault } from './model/faults.ts';
import type { ImagePlan } from './model/imagePlan.ts';
import { prefixedLog } from './model/prefixedLog.ts';
import type { BuildResult, BuildSpec, ImageResult, Phase } from './model/spec.ts';
import type { SourceTree } from './model/tree.ts';
import type { BuildDeps } from './steps/buildDeps.ts';
import { buildPlannedImage } from './steps/image.ts';
import { inOrder } from './steps/inOrder.ts';
import { withImpliedOrder } from './steps/impliedOrder.ts';
import { type Found, lookAt } from './steps/lookAt.ts';
import { planImages } from './steps/plan.ts';
import { pushImages } from './steps/pushImages.ts';

/**
 * One build, from a source to images in a registry: clone, build, push. Knows nothing of jobs, runs or servers.
 * Throws a BuildFault; when `signal` aborts with one, that one, after the work has stopped.
 */
export async function runBuild(deps: BuildDeps, spec: BuildSpec, signal: AbortSignal): Promise<BuildResult> {
  const { tree, plans } = await inPhase(deps, 'clone', () => openSource(deps, spec, signal));
  try {
    const built = await inPhase(deps, 'build', () => buildAll(deps, spec, tree, plans, signal));
    const images = await pushed(deps, plans, built, signal);
    return tree.commit === undefined ? { images } : { commit: tree.commit, images };
  } finally {
    await tree.close();
  }
}

interface OpenSource {
  tree: SourceTree;
  plans: readonly ImagePlan[];
}

async function openSource(deps: BuildDeps, spec: BuildSpec, signal: AbortSignal): Promise<OpenSource> {
  const tree = await openTree(deps, spec, signal);
  try {
    if (tree.commit !== undefined) deps.onEvent({ type: 'source:resolved', commit: tree.commit });
    const plans = await planImages(tree, spec, {
      log: deps.log,
      access: deps.access,
      defaultBranch: () => openTree(deps, { ...spec, source: atDefaultBranch(spec) }, signal),
    });
    return { tree, plans };
  } catch (error) {
    await tree.close();
    throw error;
  }
}

function openTree({ sources, log }: BuildDeps, spec: BuildSpec, signal: AbortSignal): Promise<SourceTree> {
  const { source, limits, mark } = spec;
  return sources.open(source, { log, signal, timeoutMs: limits.gitTimeoutMs, mark: mark.attempt });
}

/** Only its Bobfile is read, so nothing is checked out. */
function atDefaultBranch({ source }: BuildSpec): BuildSpec['source'] {
  return source.kind === 'git' ? { ...source, ref: 'HEAD', submodules: false, lfs: false } : source;
}

async function buildAll(
  deps: BuildDeps,
  spec: BuildSpec,
  tree: SourceTree,
  plans: readonly ImagePlan[],
  signal: AbortSignal,
): Promise<ImageResult[]> {
  const found = await Promise.all(plans.map((plan) => lookAt(tree, plan)));
  const build = (one: Found, either: AbortSignal): Promise<ImageResult> => {
    const voice = plans.length === 1 ? deps : voiceOf(deps, one.plan.name);
    const { log, onEvent } = voice;
    return buildPlannedImage({ deps, spec, tree, found: one, log, onEvent, signal: either });
  };
  return inOrder(withImpliedOrder(found), deps.takePlace, build, signal);
}

/** Where there are several images, each line of the log and each step says of which one it is. */
function voiceOf({ log, onEvent }: BuildDeps, image: string): Pick<BuildDeps, 'log' | 'onEvent'> {
  return {
    log: prefixedLog(log, `${image} | `),
    onEvent: (event) => onEvent('step' in event ? { ...event, step: { ...event.step, image } } : event),
  };
}

async function pushed(
  deps: BuildDeps,
  plans: readonly ImagePlan[],
  images: ImageResult[],
  signal: AbortSignal,
): Promise<ImageResult[]> {
  const built = images.flatMap((image, i) => {
    const plan = plans[i];
    return plan ? [{ plan, image }] : [];
  });
  if (!plans.some(({ push, repository }) => push && repository !== undefined)) return images;
  if (deps.access.push) return inPhase(deps, 'push', () => pushImages(deps, built, signal));
  deps.log.append('system', 'nothing is pushed: the configuration says so for this build\n');
  return images;
}

async function inPhase<T>(deps: BuildDeps, phase: Phase, work: () => Promise<T>): Promise<T> {
  deps.onEvent({ type: 'phase:start', phase, at: Date.now() });
  try {
    const result = await work();
    deps.onEvent({ type: 'phase:end', phase, at: Date.now(), exitCode: 0 });
    return result;
  } catch (error) {
    const exitCode = (error instanceof BuildFault ? error.exitCode : undefined) ?? 1;
    deps.onEvent({ type: 'phase:end', phase, at: Date.now(), exitCode });
    throw error;
  }
}
