import type { ImageResult } from '../../builder/model/spec.ts';

/** What a run gave back that built images. */
export interface RunResult {
  /** Absent for a local folder. */
  commit?: string;
  images: KeptImage[];
}

/** An image of a completed run, as it is kept with the run. */
export interface KeptImage extends Omit<ImageResult, 'recipe'> {
  /** Integer key, below 2^31, never reused. */
  key?: number;
  /** Absent for the first one of its name, platform and job. */
  difference?: ImageDifference;
}

/** What became more (or less, below 0) since the last image of the same name, platform and job. */
export interface ImageDifference {
  bytes: number;
  /** Milliseconds; absent where either time is not known. */
  durationMs?: number;
  /** The key of that image. */
  to: number;
}

/** How a request names an image that it knows no number of: its id, or its digest in a registry. */
export const digestShape = /^sha256:[0-9a-f]{64}$/;
