import type { DockerfileFacts } from '../model/dockerfile.ts';
import type { RegistryCredential } from '../model/access.ts';
import { BuildFault } from '../model/faults.ts';
import { parseImageReference } from '../model/imageReference.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import type { LogSink } from '../model/log.ts';
import { recipeOf } from '../model/recipe.ts';
import { given } from '../model/given.ts';
import { runNetwork } from '../model/runNetwork.ts';
import { isSamePlatform } from '../model/platform.ts';
import type { BuildEvent, BuildSpec, ImageOptions, ImageResult } from '../model/spec.ts';
import type { SourceTree } from '../model/tree.ts';
import type { BuildDeps } from './buildDeps.ts';
import { baseImage } from './engine/baseImage.ts';
import { buildImage } from './engine/buildImage.ts';
import { packContext } from './context.ts';
import { imageNames } from './imageNames.ts';
import type { Found } from './lookAt.ts';

export interface PlannedImage {
  deps: BuildDeps;
  spec: BuildSpec;
  tree: SourceTree;
  found: Found;
  /** Whatever the engine builds where nothing is said. */
  platform?: string;
  log: LogSink;
  onEvent: (event: BuildEvent) => void;
  signal: AbortSignal;
}

/** Builds and tags one image as its plan says. Rejects as `buildImage` does. */
export async function buildPlannedImage(planned: PlannedImage): Promise<ImageResult> {
  const { deps, spec, tree, found, log, onEvent, signal } = planned;
  const { plan, context, facts } = found;
  const { repository, tags } = await imageNames(spec, tree, plan, deps.access);
  refuseRegistries([...facts.images, ...plan.cache.from, facts.syntax ?? ''], deps.access);
  const common = {
    engine: deps.engine,
    dockerfile: context.dockerfile,
    tags: tags.map((tag) => `${repository}:${tag}`),
    options: {
      ...plan.options,
      ...spec.resources,
      ...given({ networkMode: runNetwork(plan.options.networkMode, spec.network) }),
      ...(await otherPlatform(planned)),
    },
    labels: originLabels(spec, tree),
    mark: spec.mark,
    log,
    onEvent,
    traces: deps.traces,
    onLeftover: deps.onLeftover,
    signal,
  };
  deps.traces?.bases(facts.images);
  const startedAt = Date.now();
  const builder = builderFor(plan, facts, log);
  const image =
    builder === 'buildkit' ? await withBuildKit(planned, common) : await withClassic(planned, common);
  const base = image.base ?? (await baseImage(deps.engine, facts.base, signal));
  const durationMs = Date.now() - startedAt;
  const recipe = recipeOf(spec, plan, facts.images);
  return { name: plan.name, ...image, builder, ...(base && { base }), durationMs, recipe };
}

type Common = Omit<Parameters<typeof buildImage>[0], 'context'>;

async function withClassic(
  { deps, spec, tree, found, signal }: PlannedImage,
  common: Common,
): Promise<ImageResult> {
  const registries = await registriesOf(found.facts.images, deps);
  const { contextBytes: maxBytes, contextEntries: maxEntries } = spec.limits;
  const context = packContext(tree, { found: found.context, maxBytes, maxEntries, signal });
  return buildImage({ ...common, context, registries });
}

/** gRPC and its parts are loaded for the first build that needs them. */
async function withBuildKit({ deps, spec, tree, found }: PlannedImage, common: Common): Promise<ImageResult> {
  const { buildWithBuildKit } = await import('./buildkit/buildWithBuildKit.ts');
  const { secrets, ssh, cache } = found.plan;
  const { access } = deps;
  const inline = cache.inline && access.cacheExport;
  await refuseSecrets(found.plan, access);
  return buildWithBuildKit({
    ...common,
    tree,
    found: found.context,
    limits: spec.limits,
    access,
    secrets,
    ...(ssh !== undefined && { ssh }),
    cache: { ...cache, inline },
  });
}

/** A step that is in the engine's cache asks for nothing, so that who may not have a secret would have its fruits. */
async function refuseSecrets({ secrets, ssh }: ImagePlan, access: BuildDeps['access']): Promise<void> {
  for (const { secret } of secrets) await access.secret(secret);
  if (ssh !== undefined) await access.secret(ssh);
}

/** An engine that emulates a platform has to be told of it; its own needs no words, which old builders would not know. */
async function otherPlatform({
  deps,
  platform,
  signal,
}: PlannedImage): Promise<Pick<ImageOptions, 'platform'>> {
  if (platform === undefined) return {};
  const { os, arch } = await deps.engine.info(signal);
  return isSamePlatform(`${os}/${arch}`, platform) ? {} : { platform };
}

function builderFor(
  plan: ImagePlan,
  { needsBuildKit }: DockerfileFacts,
  log: LogSink,
): 'classic' | 'buildkit' {
  if (plan.builder !== 'auto') return plan.builder;
  const needs = needsBuildKit ?? planNeeds(plan);
  if (needs === undefined) return 'classic';
  log.append('system', `built with BuildKit: ${needs}\n`);
  return 'buildkit';
}

function planNeeds({ secrets, ssh, cache }: ImagePlan): string | undefined {
  if (secrets.length > 0) return 'the image asks for secrets';
  if (ssh !== undefined) return 'the image asks for an ssh key';
  if (cache.from.length > 0) return 'the image takes the cache of others';
  return cache.inline ? 'the image carries its cache' : undefined;
}

function refuseRegistries(
  images: readonly string[],
  { refusedRegistry }: Pick<BuildDeps['access'], 'refusedRegistry'>,
): void {
  for (const host of hostsOf(images)) {
    const refused = refusedRegistry(host);
    if (refused !== undefined) throw new BuildFault('image_name_refused', refused);
  }
}

function hostsOf(images: readonly string[]): ReadonlySet<string> {
  return new Set(images.flatMap((image) => parseImageReference(image)?.host ?? []));
}

/** The credentials for the registries of a Dockerfile's images, and for no other. */
async function registriesOf(
  images: readonly string[],
  { access }: Pick<BuildDeps, 'access'>,
): Promise<ReadonlyMap<string, RegistryCredential>> {
  const found = new Map<string, RegistryCredential>();
  for (const host of hostsOf(images)) {
    const credential = await access.registry(host);
    if (credential) found.set(host, credential);
  }
  return found;
}

/** The OCI annotations that say where an image came from. */
function originLabels(spec: BuildSpec, tree: SourceTree): Record<string, string> {
  const labels: Record<string, string> = { 'org.opencontainers.image.created': new Date().toISOString() };
  if (spec.source.kind === 'git') labels['org.opencontainers.image.source'] = spec.source.url;
  if (tree.commit !== undefined) labels['org.opencontainers.image.revision'] = tree.commit;
  const version = spec.branch ?? tree.refName;
  if (version !== undefined) labels['org.opencontainers.image.version'] = version;
  return labels;
}
