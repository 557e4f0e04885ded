import type { ImageSummary } from '../../store/contract/images.ts';
import type { KeptImage } from '../../words/image.ts';
import { imageFiguresJson, imagePartsJson } from '../../words/imageJson.ts';

/** An image as a list shows it. */
export function summaryJson(image: ImageSummary): object {
  const { key, id, name, project, slug, jobId, runId, engine, tags, pushed = [], bytes, platform } = image;
  return {
    id: key,
    image_id: id,
    name,
    project,
    job: slug,
    job_id: jobId,
    run: runId,
    engine,
    tags,
    pushed,
    bytes,
    platform,
    ...imageFiguresJson(image),
    cached_steps: image.cachedSteps,
    steps_count: image.stepCount,
    built_at: new Date(image.builtAt).toISOString(),
  };
}

/** The same with what stands in its run's result. */
export function imageJson(image: ImageSummary, whole: KeptImage): object {
  const { platforms } = whole;
  return { ...summaryJson(image), ...(platforms && { platforms }), ...imagePartsJson(whole) };
}
