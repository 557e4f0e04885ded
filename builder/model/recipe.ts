import type { ImagePlan } from './imagePlan.ts';
import type { BuildSpec } from './spec.ts';

/** What an image was made by, as far as its build record says it. It has names of secrets, never a value of one. */
export interface ImageRecipe {
  /** The repository's address; absent for a local folder. */
  source?: string;
  /** As it was asked for. */
  ref?: string;
  /** The Bobfile that has the image as an entry; absent where it was described by the job. */
  bobfile?: string;
  /** A path in the source. */
  dockerfile: string;
  /** A folder of the source; "" is the whole. */
  context: string;
  target?: string;
  buildArgs?: Record<string, string>;
  platforms?: readonly string[];
  /** The ids that RUN --mount knows them by. */
  secrets?: readonly string[];
  /** From outside, as the Dockerfile names them. */
  images: readonly string[];
}

/** `dockerfile` and `images` are what was found in the source. */
export function recipeOf(
  { source, bobfile, image }: Pick<BuildSpec, 'source' | 'bobfile' | 'image'>,
  plan: ImagePlan,
  found: Pick<ImageRecipe, 'dockerfile' | 'images'>,
): ImageRecipe {
  const { context, platforms, secrets, options } = plan;
  return {
    ...(source.kind === 'git' && { source: source.url, ref: source.ref }),
    ...(bobfile && plan !== image && { bobfile: bobfile.path }),
    dockerfile: found.dockerfile,
    context,
    ...(options.target !== undefined && { target: options.target }),
    ...(options.buildArgs && { buildArgs: options.buildArgs }),
    ...(platforms.length > 0 && { platforms }),
    ...(secrets.length > 0 && { secrets: secrets.map(({ id }) => id) }),
    images: found.images,
  };
}
