import { BuildFault } from '../../../builder/model/faults.ts';
import { isProposal } from '../../../builder/model/gitRef.ts';
import { parseImageReference } from '../../../builder/model/imageReference.ts';
import type { Reads } from '../../store/store.ts';
import { concernOf } from '../../words/dependencies.ts';
import { digestShape, type KeptImage } from '../../words/image.ts';
import type { Job } from '../../words/job.ts';
import { isPart, type Run } from '../../words/run.ts';
import { containerOf } from './spec.ts';

/** The image that an attempt runs. */
export interface FoundImage {
  /** As an engine is asked for it. */
  name: string;
  /** Whose build it is, where it is what another job built. */
  built?: { job: Job; run: Run };
}

type ImageFacts = Pick<
  Reads,
  'projectRevision' | 'jobBySlug' | 'dependencies' | 'newestEndedRun' | 'searchRuns'
>;

const page = 20;

/** What a run of a container job is to run, as things are now. Throws a BuildFault: image_not_found. */
export async function findImage(read: ImageFacts, job: Job, run: Run): Promise<FoundImage> {
  const { image } = containerOf(job);
  if (typeof image !== 'string') return builtImage(read, job, run, image.job);
  const revision = (await read.projectRevision(job.project)) ?? undefined;
  return { name: withTag(image, revision) };
}

/**
 * A digest and an id name one image for ever: only what has a tag, or could have one, follows the project's revision. A
 * name always gets a tag: without one the engine may take it for the beginning of some image's id.
 */
function withTag(image: string, revision: string | undefined): string {
  const name = digestShape.test(image) ? undefined : parseImageReference(image);
  if (name === undefined || name.digest !== undefined) return image;
  return `${name.name}:${revision ?? name.tag ?? 'latest'}`;
}

async function builtImage(read: ImageFacts, job: Job, run: Run, slug: string): Promise<FoundImage> {
  const name = `${job.project}/${slug}`;
  const builder = await read.jobBySlug(job.project, slug);
  if (builder?.kind !== 'image')
    throw notFound(builder ? `${name} is no image job: it builds nothing` : `there is no job ${name}`);
  const built = await runFor(read, job, run, builder);
  const image = imageOf(built, slug);
  const [pushed] = image.pushed ?? [];
  return {
    name: pushed ? `${pushed.repository}@${pushed.digest}` : image.id,
    built: { job: builder, run: built },
  };
}

/** The build that a run waited for where the two are linked by a key, else the last one that went well. */
async function runFor(read: ImageFacts, job: Job, run: Run, builder: Job): Promise<Run> {
  const name = `${builder.project}/${builder.slug}`;
  const dependencies = await read.dependencies(job.id);
  const depends = dependencies.some(({ dependsOnJobId }) => dependsOnJobId === builder.id);
  const concern = depends ? concernOf(run) : undefined;
  if (!concern) {
    const last = await lastSuccess(read, builder.id);
    if (!last)
      throw notFound(`${name} has built no image yet: build it first, or make this job depend on it`);
    return last;
  }
  const newest = await read.newestEndedRun(builder.id, concern);
  if (!newest) throw notFound(`no run of ${name} has the same key as this run`);
  if (newest.state !== 'completed') throw notFound(`run ${newest.id} of ${name} ended as ${newest.state}`);
  return newest;
}

/** What anybody may have proposed is run only by whoever asks for it by its key. */
async function lastSuccess(read: ImageFacts, jobId: string): Promise<Run | undefined> {
  for (let beforeKey: number | undefined; ;) {
    const { runs, stoppedAt }: Awaited<ReturnType<ImageFacts['searchRuns']>> = await read.searchRuns(
      { jobId, states: ['completed'] },
      { limit: page, ...(beforeKey !== undefined && { beforeKey }) },
    );
    const found = runs.find((run) => !isPart(run) && !isProposal(run.ref) && imagesOf(run).length > 0);
    if (found) return found;
    beforeKey = stoppedAt ?? (runs.length === page ? runs.at(-1)?.key : undefined);
    if (beforeKey === undefined) return undefined;
  }
}

/** The one image of a build, or of several the one that is called like its job. */
function imageOf(run: Run, slug: string): KeptImage {
  const images = imagesOf(run);
  const image = images.length === 1 ? images[0] : images.find((one) => one.name === slug);
  if (image) return image;
  const names = images.map((one) => one.name ?? one.id).join(', ');
  throw notFound(
    images.length === 0
      ? `run ${run.id} of ${run.project}/${slug} built no image`
      : `run ${run.id} of ${run.project}/${slug} built several images (${names}), and none is called ${slug}`,
  );
}

function imagesOf({ result }: Run): readonly KeptImage[] {
  return result?.images ?? [];
}

function notFound(sentence: string): BuildFault {
  return new BuildFault('image_not_found', sentence);
}
