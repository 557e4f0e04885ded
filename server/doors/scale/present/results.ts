import type { Run } from '../../../words/run.ts';
import type { KeptImage } from '../../../words/image.ts';
import { timeOf } from './times.ts';

/** An image in the place of a file; without a number where it has been forgotten. */
export interface Product {
  id: number | null;
  file_name: string;
  media_type: string;
  /** Bytes. */
  file_size: number;
  uuid: string;
  url: null;
  created: string | null;
  last_modified: string | null;
}

/** What a run gave back that completed: its images in the place of files, and what is no image. */
export function outputsOf(
  run: Pick<Run, 'state' | 'result' | 'completedAt'>,
  output: string | null,
): object[] {
  if (run.state !== 'completed') return [];
  const files = imagesOf(run).map((image) => {
    return { name: image.name ?? 'image', type: 'file', value: fileOf(image, run.completedAt) };
  });
  if (output === null) return files;
  return [...files, { name: 'output', type: 'property', value: JSON.parse(output) as unknown }];
}

/** The images of a run in the place of files. */
export function productsOf(run: Pick<Run, 'result' | 'completedAt'>): Product[] {
  return imagesOf(run).map((image) => fileOf(image, run.completedAt));
}

function fileOf(image: KeptImage, builtAt: number | null): Product {
  const at = timeOf(builtAt);
  return {
    id: image.key ?? null,
    file_name: image.tags[0] ?? image.id,
    media_type: 'application/vnd.oci.image.manifest.v1+json',
    file_size: image.bytes,
    uuid: image.id,
    url: null,
    created: at,
    last_modified: at,
  };
}

function imagesOf({ result }: Pick<Run, 'result'>): readonly KeptImage[] {
  return result?.images ?? [];
}
