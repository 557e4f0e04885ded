import { given } from './given.ts';
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
  /** From outside, as the Dockerfile names them; its build arguments are filled in. */
  images: readonly string[];
}

/** `images` are those from outside that the Dockerfile names. */
export function recipeOf(
  { source, bobfile, image }: Pick<BuildSpec, 'source' | 'bobfile' | 'image'>,
  plan: ImagePlan,
  images: readonly string[],
): ImageRecipe {
  const { context, platforms, secrets, options } = plan;
  const { target, buildArgs } = options;
  return {
    ...(source.kind === 'git' && { source: source.url, ref: source.ref }),
    // What no Bobfile says is built by the job's own plan.
    ...(bobfile && plan !== image && { bobfile: bobfile.path }),
    dockerfile: plan.dockerfile ?? `${context === '' ? '' : `${context}/`}Dockerfile`,
    context,
    ...given({ target, buildArgs }),
    ...(platforms.length > 0 && { platforms }),
    ...(secrets.length > 0 && { secrets: secrets.map(({ id }) => id) }),
    images,
  };
}
