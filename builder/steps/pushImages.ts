import type { BuildDeps } from './buildDeps.ts';
import type { Access, RegistryCredential } from '../model/access.ts';
import { BuildFault } from '../model/faults.ts';
import type { ImagePlan, PlannedCredentials } from '../model/imagePlan.ts';
import { parseImageReference } from '../model/imageReference.ts';
import type { ImageResult, PlatformImage, PushedImage } from '../model/spec.ts';
import type { ImageNames } from './imageNames.ts';
import { pushManifestList } from './registry/manifestList.ts';
import { pushImage } from './registry/pushImage.ts';

/** A plan and the image that was built by it. */
export interface Built {
  plan: ImagePlan;
  image: ImageResult;
}

/**
 * Finds out before the build what its push would be refused for.
 * Throws a BuildFault `secret_refused` or `image_name_refused`.
 */
export async function checkPush(plan: ImagePlan, access: Access): Promise<void> {
  if (!access.push || !plan.push || plan.repository === undefined) return;
  if (plan.credentials) await planned(plan.credentials, access);
  for (const name of access.cacheExport ? plan.cache.to : []) await cachePlace(name, access);
}

/** Pushes what is to be pushed, one image after the other; gives all images, with what the registries have of them. */
export async function pushImages(
  deps: BuildDeps,
  built: readonly Built[],
  signal: AbortSignal,
): Promise<ImageResult[]> {
  const images: ImageResult[] = [];
  for (const one of built) images.push(await pushBuilt(deps, one, signal));
  return images;
}

/** The same for one image; what was pushed before stays as it is. */
export async function pushBuilt(
  deps: BuildDeps,
  { plan, image }: Built,
  signal: AbortSignal,
): Promise<ImageResult> {
  const pushed = image.pushed ? undefined : await pushOne(deps, plan, image, signal);
  return pushed ? { ...image, pushed: [pushed] } : image;
}

async function pushOne(
  deps: BuildDeps,
  plan: ImagePlan,
  image: ImageResult,
  signal: AbortSignal,
): Promise<PushedImage | undefined> {
  const { push, repository } = plan;
  if (!push || repository === undefined) return undefined;
  const tags = image.tags.map((name) => name.slice(name.lastIndexOf(':') + 1));
  const { platforms } = image;
  if (platforms) return pushList(deps, plan, { repository, tags, platforms }, signal);
  const pushed = await pushUnder(deps, plan, image.id, { repository, tags }, signal);
  for (const name of deps.access.cacheExport ? plan.cache.to : [])
    await pushUnder(deps, plan, image.id, await cachePlace(name, deps.access), signal);
  return pushed;
}

/** Where an image goes for the cache that it has in it. */
async function cachePlace(name: string, access: Pick<Access, 'refusedName'>): Promise<ImageNames> {
  const { name: repository = name, tag = 'latest' } = parseImageReference(name) ?? {};
  const refused = await access.refusedName(repository);
  if (refused !== undefined) throw new BuildFault('image_name_refused', refused);
  return { repository, tags: [tag] };
}

async function pushList(
  { access, log, beforePush }: BuildDeps,
  plan: ImagePlan,
  list: ImageNames & { platforms: readonly PlatformImage[] },
  signal: AbortSignal,
): Promise<PushedImage> {
  const credential = await credentialFor(list.repository, plan, access);
  await beforePush();
  return pushManifestList({ ...list, log, signal, ...(credential && { credential }) });
}

/** Pushes an image by other names than its plan's. Rejects as `pushImage` does. */
export async function pushUnder(
  { engine, access, log, beforePush }: BuildDeps,
  plan: ImagePlan,
  imageId: string,
  { repository, tags }: ImageNames,
  signal: AbortSignal,
): Promise<PushedImage> {
  const credential = await credentialFor(repository, plan, access);
  // A push cannot be taken back: who lost the right to the attempt must not begin it.
  await beforePush();
  const order = { engine, imageId, repository, tags, log, signal };
  return pushImage({ ...order, ...(credential && { credential }) });
}

/** Those of the plan are for its own registry. */
async function credentialFor(
  repository: string,
  { repository: own, credentials }: ImagePlan,
  access: Access,
): Promise<RegistryCredential | undefined> {
  const host = hostOf(repository);
  const isOwn = own !== undefined && hostOf(own) === host;
  return credentials && isOwn ? planned(credentials, access) : access.registry(host);
}

function hostOf(repository: string): string {
  const host = parseImageReference(repository)?.host;
  if (host === undefined) throw new BuildFault('build_invalid', `${repository} is no name of an image`);
  return host;
}

async function planned(credentials: PlannedCredentials, access: Access): Promise<RegistryCredential> {
  if ('pair' in credentials) return pairOf(await access.secret(credentials.pair), credentials.pair);
  const { username, password, email } = credentials;
  return {
    username: typeof username === 'string' ? username : await access.secret(username.secret),
    password: await access.secret(password.secret),
    ...(email !== undefined && { email }),
  };
}

function pairOf(value: string, name: string): RegistryCredential {
  const colon = value.indexOf(':');
  if (colon <= 0) throw new BuildFault('secret_refused', `the secret ${name} is not username:password`);
  return { username: value.slice(0, colon), password: value.slice(colon + 1) };
}
