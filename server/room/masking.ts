import { BuildFault } from '../../builder/model/faults.ts';
import type { LogSink } from '../../builder/model/log.ts';
import type { ImageRecipe } from '../../builder/model/recipe.ts';
import type { BuildEvent, BuildResult, ImageResult } from '../../builder/model/spec.ts';

export type Redact = (text: string) => string;

/** A log that never gets to see a secret. */
export function maskedLog(log: LogSink, redact: Redact): LogSink {
  return {
    append: (stream, block) => log.append(stream, redact(block)),
    get congested() {
      return log.congested;
    },
  };
}

/** Steps carry the text of the Dockerfile, and whatever secret somebody wrote into it. */
export function maskedEvent(event: BuildEvent, redact: Redact): BuildEvent {
  return 'step' in event ? { ...event, step: maskedInstruction(event.step, redact) } : event;
}

export function maskedResult(result: BuildResult, redact: Redact): BuildResult {
  return { ...result, images: result.images.map((image) => maskedImage(image, redact)) };
}

export function maskedFault(fault: BuildFault, redact: Redact): BuildFault {
  const { reason, phase, exitCode, cause } = fault;
  const details = { ...(phase && { phase }), ...(exitCode !== undefined && { exitCode }), cause };
  return new BuildFault(reason, redact(fault.message), details);
}

function maskedImage(image: ImageResult, redact: Redact): ImageResult {
  const { base, recipe } = image;
  return {
    ...image,
    labels: maskedTexts(image.labels, redact),
    layers: image.layers.map((layer) => maskedInstruction(layer, redact)),
    steps: image.steps.map((step) => maskedInstruction(step, redact)),
    ...(base && { base: { ...base, name: redact(base.name) } }),
    ...(recipe && { recipe: maskedRecipe(recipe, redact) }),
  };
}

/** Build arguments may be a secret, and may stand in the name of an image. */
function maskedRecipe(recipe: ImageRecipe, redact: Redact): ImageRecipe {
  const { ref, target, buildArgs } = recipe;
  return {
    ...recipe,
    ...(ref !== undefined && { ref: redact(ref) }),
    ...(target !== undefined && { target: redact(target) }),
    ...(buildArgs && { buildArgs: maskedTexts(buildArgs, redact) }),
    images: recipe.images.map(redact),
  };
}

function maskedTexts(texts: Record<string, string>, redact: Redact): Record<string, string> {
  const masked = Object.entries(texts).map(([name, value]) => [name, redact(value)]);
  return Object.fromEntries(masked) as Record<string, string>;
}

function maskedInstruction<T extends { instruction: string }>(part: T, redact: Redact): T {
  return { ...part, instruction: redact(part.instruction) };
}
