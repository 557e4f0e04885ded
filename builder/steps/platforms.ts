import { BuildFault } from '../model/faults.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import { platformTag } from '../model/platform.ts';
import type { ImagePart, ImageResult, PlatformImage } from '../model/spec.ts';
import type { SourceTree } from '../model/tree.ts';
import type { BuildDeps } from './buildDeps.ts';
import type { Elsewhere } from './elsewhere.ts';
import { buildPlannedImage, type PlannedImage } from './image.ts';
import { imageNames } from './imageNames.ts';
import { usesAnother } from './impliedOrder.ts';
import { inOrder, type Places } from './inOrder.ts';
import type { Found } from './lookAt.ts';
import { pushUnder } from './pushImages.ts';

/** Whether an image is for more than the build's own engine does. */
export function isForOthers({ platforms }: ImagePlan, { isHere }: Pick<Elsewhere, 'isHere'>): boolean {
  return platforms.length > 1 || !platforms.every(isHere);
}

/**
 * Refuses what could only fail later.
 * @throws BuildFault `build_invalid` where the images of several platforms would have no registry to come together in,
 * `platform_unavailable` where no engine builds for one
 */
export async function checkPlatforms(
  { access, elsewhere }: BuildDeps,
  plans: readonly ImagePlan[],
): Promise<void> {
  for (const plan of plans) {
    if (!isForOthers(plan, elsewhere)) continue;
    for (const platform of plan.platforms) if (!elsewhere.isHere(platform)) await elsewhere.expect(platform);
    if (!plan.push || plan.repository === undefined || !access.push)
      throw new BuildFault(
        'build_invalid',
        `${plan.name} is for ${plan.platforms.join(', ')}: images of other platforms than the engine's own come together ` +
          `in a registry, so it needs the name of one, and must be pushed${access.push ? '' : ', which is not allowed here'}`,
      );
  }
}

/** Whether others that are built elsewhere need an image in its registry. */
export function isNeededElsewhere(name: string, all: readonly Found[], elsewhere: Elsewhere): boolean {
  return all.some(({ plan }) => plan.depends.includes(name) && isForOthers(plan, elsewhere));
}

/**
 * The image that another build asked for. What it is made FROM was pushed by that build, so the registry is asked for it.
 * @throws BuildFault `build_invalid` where the source has no such image
 */
export function partOf(all: readonly Found[], { image, platform }: ImagePart): Found {
  const found = all.find(({ plan }) => plan.name === image);
  if (!found)
    throw new BuildFault('build_invalid', `the source has no image ${image} to build for ${platform}`);
  const { plan } = found;
  const pull = plan.options.pull === true || usesAnother(found, all);
  const options = { ...plan.options, ...(pull && { pull }) };
  // An image that is there for its cache is for one platform.
  const cache = { ...plan.cache, to: [] };
  return { ...found, plan: { ...plan, platforms: [platform], depends: [], cache, options } };
}

interface Side {
  plan: { name: string; depends: readonly string[] };
  platform: string;
}

/** Nobody here needs a place for what is done elsewhere. */
const freely: Places = { take: () => () => {}, wait: async () => () => {}, leave: () => {} };

/**
 * Has an image built for all its platforms, each pushed by tags of its own: here, and elsewhere. `rest` is called when
 * the engine here has done its part. What both together are called in the registry is not pushed yet.
 */
export async function buildOnPlatforms(planned: PlannedImage, rest: () => void): Promise<ImageResult> {
  const { deps, spec, tree, found, signal } = planned;
  const { repository, tags } = await imageNames(spec, tree, found.plan, deps.access);
  const { platforms } = found.plan;
  const here = await platformHere(planned);
  const sides = platforms.map((platform): Side => ({ platform, plan: { name: platform, depends: [] } }));
  if (here === undefined) rest();
  const build = async ({ platform }: Side, either: AbortSignal): Promise<ImageResult> => {
    if (platform !== here) return buildElsewhere({ ...planned, signal: either }, platform);
    const own = await buildHere({ ...planned, signal: either }, platform, tags);
    rest();
    return own;
  };
  const built = await inOrder(sides, freely, build, signal);
  const first = built[Math.max(0, platforms.indexOf(here ?? ''))];
  if (!first) throw new Error(`${found.plan.name} has no platforms`);
  const { pushed: _one, ...image } = first;
  const parts = built.map((one, i) => partResult(one, platforms[i] ?? one.platform));
  return { ...image, tags: tags.map((tag) => `${repository}:${tag}`), platforms: parts };
}

/** The platform that is built here. What an earlier try has had built elsewhere is not built again. */
async function platformHere({
  deps: { elsewhere },
  tree,
  found: { plan },
}: PlannedImage): Promise<string | undefined> {
  const begun = await elsewhere.begun(plan, commitOf(tree));
  return plan.platforms.find((platform) => elsewhere.isHere(platform) && !begun.has(platform));
}

async function buildHere(
  planned: PlannedImage,
  platform: string,
  tags: readonly string[],
): Promise<ImageResult> {
  const { deps, found, signal } = planned;
  const image = await buildPlannedImage({ ...planned, platform });
  const { repository = '' } = found.plan;
  const own = { repository, tags: tags.map((tag) => platformTag(tag, platform)) };
  return { ...image, pushed: [await pushUnder(deps, found.plan, image.id, own, signal)] };
}

function buildElsewhere(
  { deps, spec, tree, found, log, signal }: PlannedImage,
  platform: string,
): Promise<ImageResult> {
  const commit = commitOf(tree);
  const branch = spec.branch ?? tree.refName;
  const order = { plan: found.plan, platform, commit, log, signal };
  return deps.elsewhere.build({ ...order, ...(branch !== undefined && { branch }) });
}

function commitOf({ commit }: SourceTree): string {
  if (commit === undefined) throw new BuildFault('build_invalid', 'only a commit can be built elsewhere');
  return commit;
}

function partResult({ pushed = [], bytes }: ImageResult, platform: string): PlatformImage {
  const digest = pushed[0]?.digest;
  if (digest === undefined) throw new BuildFault('push_failed', `no registry has the image for ${platform}`);
  return { platform, digest, bytes };
}
