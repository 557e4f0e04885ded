import type { Builder, CachePlan, ImagePlan } from '../../builder/model/imagePlan.ts';
import type { BobfileWish, BuildSpec, Resources } from '../../builder/model/spec.ts';
import { given } from '../../builder/model/given.ts';
import type { ImageDefinition, Job } from '../words/job.ts';
import type { Attempt, Run, RunRequest } from '../words/run.ts';
import type { EngineTerms } from './engines/seat.ts';
import { least } from './least.ts';
import type { Policy } from './room.ts';

const usualBobfile = 'Bobfile';
const usualDockerfile = 'Dockerfile';

/** What counts for a build on one engine. */
export interface BuildRules extends Policy {
  engine: EngineTerms;
}

/** What the builder is asked for, from a job, a run of it and the settings. Throws a BuildFault: source_refused. */
export function imageSpec(
  storeId: string,
  job: Job,
  run: Run,
  attempt: Attempt,
  token: string | undefined,
  policy: BuildRules,
): BuildSpec {
  const image = job.definition.image;
  if (!image) throw new Error(`job ${job.id} is no image job`);
  const url = sourceUrlOf(image, policy);
  const { submodules, lfs, source } = image;
  const { depth, branch, part } = run.request;
  const credential = policy.sourceCredential(url, token);
  const bobfile = bobfileOf(image, run.request);
  return {
    mark: { store: storeId, attempt: attempt.id },
    source: { kind: 'git', url, ref: run.ref, ...given({ depth, submodules, lfs, credential }) },
    account: source.account,
    repo: source.repo,
    ...given({ branch, bobfile, network: policy.engine.network }),
    image: imagePlan(image),
    ...(part && { part: { image: part.image, platform: part.platform } }),
    resources: resourcesOf(image, policy),
    limits: {
      contextBytes: policy.contextBytes,
      contextEntries: policy.contextEntries,
      gitTimeoutMs: policy.gitTimeoutMs,
    },
  };
}

/** The address that an image's source is cloned from. Throws a BuildFault where it is not allowed. */
export function sourceUrlOf(
  { source, url }: Pick<ImageDefinition, 'source' | 'url'>,
  policy: Pick<Policy, 'sourceUrl' | 'checkedSource'>,
): string {
  return url === undefined ? policy.sourceUrl(source.account, source.repo) : policy.checkedSource(url);
}

/** A Bobfile that is named must be there; a job that says itself what is built reads none. */
function bobfileOf(image: ImageDefinition, request: RunRequest): BobfileWish | undefined {
  const named = request.bobfile ?? image.bobfile;
  if (named !== undefined && named !== usualBobfile) return { path: named, required: true };
  const own = [ownDockerfile(image), image.context, image.target, image.buildArgs, image.repository];
  if (named === undefined && own.some((part) => part !== undefined)) return undefined;
  return { path: usualBobfile, required: false };
}

/** The Dockerfile where it is not the usual one. */
export function ownDockerfile({ dockerfile }: Pick<ImageDefinition, 'dockerfile'>): string | undefined {
  return dockerfile === usualDockerfile ? undefined : dockerfile;
}

/** The job's own image, for where no Bobfile is read. */
function imagePlan(image: ImageDefinition): ImagePlan {
  const { source, context = '', repository, tags = [], push = true, ssh, platforms = [] } = image;
  const { target, buildArgs, labels, noCache, pull, networkMode, extraHosts, secrets = {} } = image;
  const usualBuilder: Builder = 'auto';
  return {
    name: source.repo,
    context,
    tags,
    push,
    builder: image.builder ?? usualBuilder,
    platforms,
    secrets: Object.entries(secrets).map(([id, secret]) => ({ id, secret })),
    cache: cachePlan(image),
    depends: [],
    options: given({ target, buildArgs, labels, noCache, pull, networkMode, extraHosts }),
    ...given({ dockerfile: ownDockerfile(image), repository, ssh }),
  };
}

function cachePlan({
  cacheFrom: from = [],
  cacheTo: to = [],
  cacheInline = false,
}: ImageDefinition): CachePlan {
  return { from, to, inline: cacheInline || to.length > 0 };
}

/** The least of what the job asks for, and of what the settings allow in general and on the engine. */
function resourcesOf(image: ImageDefinition, { engine, ...policy }: BuildRules): Resources {
  const memoryBytes = least(image.memoryBytes, policy.buildMemoryBytes, engine.memoryBytes);
  const cpus = least(image.cpus, policy.buildCpus, engine.cpus);
  return given({ memoryBytes, memorySwapBytes: memoryBytes, cpus });
}
