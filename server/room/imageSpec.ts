import type { BuildSpec, ImageOptions } from '../../builder/model/spec.ts';
import type { ImageDefinition, Job } from '../words/job.ts';
import type { Attempt, Run } from '../words/run.ts';
import type { Policy } from './room.ts';
import { given } from '../words/given.ts';

/** What the builder is asked for, from a job, a run of it and the settings. Throws a BuildFault: source_refused. */
export function imageSpec(
  storeId: string,
  job: Job,
  run: Run,
  attempt: Attempt,
  token: string | undefined,
  policy: Policy,
): BuildSpec {
  const image = job.definition.image;
  if (!image) throw new Error(`job ${job.id} is no image job`);
  const url = sourceUrlOf(image, policy);
  const credential = policy.sourceCredential(url, token);
  return {
    mark: { store: storeId, attempt: attempt.id },
    source: {
      kind: 'git',
      url,
      ref: run.ref,
      ...(run.request.depth === undefined ? {} : { depth: run.request.depth }),
      ...(image.submodules === undefined ? {} : { submodules: image.submodules }),
      ...(image.lfs === undefined ? {} : { lfs: image.lfs }),
      ...(credential === undefined ? {} : { credential }),
    },
    dockerfile: image.dockerfile,
    contextPath: '',
    account: image.source.account,
    repo: image.source.repo,
    ...(run.request.branch === undefined ? {} : { branch: run.request.branch }),
    bobfile: run.request.bobfile ?? 'Bobfile',
    options: imageOptions(image, policy),
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

/** A job asks for at most what the settings allow; without a wish of its own it gets the settings' limit. */
function imageOptions(image: ImageDefinition, policy: Policy): ImageOptions {
  const { target, buildArgs, noCache, pull, networkMode, extraHosts } = image;
  const wishes = { target, buildArgs, noCache, pull, networkMode, extraHosts };
  const memoryBytes = least(image.memoryBytes, policy.buildMemoryBytes);
  const cpus = least(image.cpus, policy.buildCpus);
  return given({ ...wishes, memoryBytes, memorySwapBytes: memoryBytes, cpus });
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
