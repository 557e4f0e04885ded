import { BuildFault } from '../../builder/model/faults.ts';
import type { LogSink } from '../../builder/model/log.ts';
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
  const labels = Object.entries(image.labels).map(([name, value]) => [name, redact(value)]);
  return {
    ...image,
    labels: Object.fromEntries(labels) as Record<string, string>,
    layers: image.layers.map((layer) => maskedInstruction(layer, redact)),
    steps: image.steps.map((step) => maskedInstruction(step, redact)),
  };
}

function maskedInstruction<T extends { instruction: string }>(part: T, redact: Redact): T {
  return { ...part, instruction: redact(part.instruction) };
}
