import type { BuildRecord } from '../../../builder/model/provenance.ts';
import type { ImageResult } from '../../../builder/model/spec.ts';
import type { KeptImage } from '../../words/image.ts';
import type { Run } from '../../words/run.ts';

/** An image that a run built, with its build record. */
export interface NewImage extends ImageResult {
  provenance?: BuildRecord;
}

/** What a list shows of an image. Its layers, steps and labels are in its run's result. */
export interface ImageSummary extends Omit<KeptImage, 'layers' | 'steps' | 'labels'> {
  key: number;
  name: string;
  project: string;
  jobId: string;
  /** The job's slug. */
  slug: string;
  runId: string;
  engine: string;
  stepCount: number;
  cachedSteps: number;
  builtAt: number;
}

/** Everything that is given must hold. */
export interface ImageFilter {
  /** Absent: of all. */
  of?: { project: string } | { jobId: string; project: string } | { runId: string };
  /** Image ids, digests in registries and full names with their tags. */
  references?: readonly string[];
}

export interface ImageReads {
  /** Newest first. */
  images(
    filter: ImageFilter,
    page: { limit: number; beforeKey?: number; createdBefore?: number },
  ): Promise<ImageSummary[]>;
  image(key: number): Promise<ImageSummary | undefined>;
  /** The JSON text of an image's build record. */
  provenance(key: number): Promise<string | undefined>;
}

export interface ImageWrites {
  /**
   * Keeps the images of a run that completes. Gives them with their keys and what is different from the last images of
   * the same job; what is kept apart from the run's result, as the recipe, is left out.
   */
  insertImages(
    run: Run,
    attemptId: string,
    engine: string,
    images: readonly NewImage[],
    now: number,
  ): Promise<KeptImage[]>;
}
