import type { ImagePlan } from './model/imagePlan.ts';
import { prefixedLog } from './model/prefixedLog.ts';
import type { BuildResult, BuildSpec, ImageResult } from './model/spec.ts';
import type { SourceTree } from './model/tree.ts';
import type { BuildDeps } from './steps/buildDeps.ts';
import { buildPlannedImage, type PlannedImage } from './steps/image.ts';
import { inPhase } from './steps/inPhase.ts';
import { inOrder } from './steps/inOrder.ts';
import { withImpliedOrder } from './steps/impliedOrder.ts';
import { type Found, lookAt } from './steps/lookAt.ts';
import { planImages } from './steps/plan.ts';
import {
  buildOnPlatforms,
  checkPlatforms,
  isForOthers,
  isNeededElsewhere,
  partOf,
} from './steps/platforms.ts';
import { type Built, pushBuilt, pushImages, checkPush } from './steps/pushImages.ts';

/**
 * One build, from a source to images in a registry: clone, build, push. Knows nothing of jobs, runs or servers.
 * Throws a BuildFault; when `signal` aborts with one, that one, after the work has stopped.
 */
export async function runBuild(deps: BuildDeps, spec: BuildSpec, signal: AbortSignal): Promise<BuildResult> {
  const { tree, plans } = await inPhase(deps, 'clone', () => openSource(deps, spec, signal));
  try {
    const built = await inPhase(deps, 'build', () => buildAll(deps, spec, tree, plans, signal));
    const images = await pushed(deps, built, signal);
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
): Promise<Built[]> {
  const found = withImpliedOrder(await Promise.all(plans.map((plan) => lookAt(tree, plan))), spec.account);
  const wanted = spec.part ? [partOf(found, spec.part)] : found;
  if (!spec.part) await checkPlatforms(deps, plans);
  for (const { plan } of wanted) await checkPush(plan, deps.access);
  const build = async (one: Found, either: AbortSignal, rest: () => void): Promise<Built> => {
    const { log, onEvent } = wanted.length === 1 ? deps : voiceOf(deps, one.plan.name);
    const planned = { deps, spec, tree, found: one, log, onEvent, signal: either };
    const built = { plan: one.plan, image: await buildOne(planned, rest) };
    if (!isNeededElsewhere(one.plan.name, wanted, deps.elsewhere)) return built;
    return { ...built, image: await pushBuilt(deps, built, either) };
  };
  return inOrder(wanted, deps.places, build, signal);
}

function buildOne(planned: PlannedImage, rest: () => void): Promise<ImageResult> {
  const { deps, spec, found } = planned;
  if (!spec.part && isForOthers(found.plan, deps.elsewhere)) return buildOnPlatforms(planned, rest);
  const [platform] = found.plan.platforms;
  return buildPlannedImage({ ...planned, ...(platform !== undefined && { platform }) });
}

/** Where there are several images, each line of the log and each step says of which one it is. */
function voiceOf({ log, onEvent }: BuildDeps, image: string): Pick<BuildDeps, 'log' | 'onEvent'> {
  return {
    log: prefixedLog(log, `${image} | `),
    onEvent: (event) => onEvent('step' in event ? { ...event, step: { ...event.step, image } } : event),
  };
}

async function pushed(deps: BuildDeps, built: readonly Built[], signal: AbortSignal): Promise<ImageResult[]> {
  const images = built.map(({ image }) => image);
  if (!built.some(({ plan }) => plan.push && plan.repository !== undefined)) return images;
  if (deps.access.push) return inPhase(deps, 'push', () => pushImages(deps, built, signal));
  deps.log.append('system', 'nothing is pushed: the configuration says so for this build\n');
  return images;
}
