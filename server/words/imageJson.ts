import type { ImageLayer, StepRecord } from '../../builder/model/spec.ts';
import { given } from '../../builder/model/given.ts';
import type { KeptImage } from './image.ts';

/** Layers, and steps, that one answer shows of an image. */
const mostParts = 200;
/** Characters of an instruction; a heredoc may be as long as a Dockerfile. */
const mostInstruction = 2000;

/** What names an image and where it is: for lists, and for what others are told. */
export function imageNameJson({
  key,
  id,
  name,
  tags,
  pushed,
  platforms,
  bytes,
  platform,
}: KeptImage): object {
  return given({
    number: key,
    name,
    id,
    tags,
    pushed: pushed && pushed.length > 0 ? pushed : undefined,
    platforms,
    bytes,
    platform,
  });
}

/** How it came about, in figures. */
export function imageFiguresJson({
  base,
  builder,
  durationMs,
  difference,
}: Pick<KeptImage, 'base' | 'builder' | 'durationMs' | 'difference'>): object {
  return given({
    base,
    builder,
    duration_ms: durationMs,
    difference:
      difference && given({ bytes: difference.bytes, duration_ms: difference.durationMs, to: difference.to }),
  });
}

/** Its layers and steps, the first 200 of each; the counts are of all. */
export function imagePartsJson({
  layers,
  steps,
  labels,
}: Pick<KeptImage, 'layers' | 'steps' | 'labels'>): object {
  return {
    labels,
    cached_steps: steps.filter(({ cached }) => cached).length,
    steps_count: steps.length,
    layers_count: layers.length,
    layers: layers.slice(0, mostParts).map(layerJson),
    steps: steps.slice(0, mostParts).map(stepJson),
  };
}

function layerJson({ instruction, bytes }: ImageLayer): object {
  return { instruction: shortened(instruction), bytes };
}

function stepJson({ number, total, instruction, cached, startedAt, durationMs }: StepRecord): object {
  return given({
    number,
    total,
    instruction: shortened(instruction),
    cached,
    started_at: new Date(startedAt).toISOString(),
    duration_ms: durationMs,
  });
}

function shortened(instruction: string): string {
  return instruction.length <= mostInstruction
    ? instruction
    : `${instruction.slice(0, mostInstruction - 1).toWellFormed()}…`;
}
