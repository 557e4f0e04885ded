import type { ImageLayer, ImageResult, StepRecord } from '../../model/spec.ts';
import { asList, asNumber, asRecord, asText, asTexts } from './answers.ts';
import type { Engine } from './engine.ts';

/** Asks the engine what the image is that a build made. */
export async function imageResult(
  engine: Engine,
  id: string,
  { tags, steps, signal }: { tags: readonly string[]; steps: StepRecord[]; signal: AbortSignal },
): Promise<ImageResult> {
  const [inspected, history] = await Promise.all([
    engine.call({ method: 'GET', path: `/images/${id}/json`, signal }),
    engine.call({ method: 'GET', path: `/images/${id}/history`, signal }),
  ]);
  const image = asRecord(inspected);
  return {
    id,
    tags: [...tags],
    bytes: asNumber(image['Size']),
    layers: asList(history)
      .map(layer)
      .filter(({ bytes }) => bytes > 0)
      .toReversed(),
    steps,
    platform: [image['Os'], image['Architecture'], image['Variant']].map(asText).filter(Boolean).join('/'),
    labels: asTexts(asRecord(image['Config'])['Labels']),
  };
}

function layer(entry: unknown): ImageLayer {
  const { CreatedBy, Comment, Size } = asRecord(entry);
  return { instruction: instructionOf(asText(CreatedBy)) || asText(Comment), bytes: asNumber(Size) };
}

/**
 * The Dockerfile's words of a history entry. The engine writes `/bin/sh -c #(nop) CMD …` for what runs nothing, and
 * puts the build arguments, whose values nobody needs to see here, in front of a command: `|2 A=x B=y /bin/sh -c …`.
 * BuildKit writes `RUN |2 A=x B=y /bin/sh -c … # buildkit`.
 */
export function instructionOf(createdBy: string): string {
  const nop = /^(?:\/bin\/sh -c )?#\(nop\)\s+([\s\S]*)$/.exec(createdBy)?.[1];
  if (nop !== undefined) return nop.trim();
  const command = /^(?:RUN )?(?:\|\d+ [\s\S]*?)?\/bin\/sh -c ([\s\S]*?)(?: # buildkit)?$/.exec(
    createdBy,
  )?.[1];
  return command === undefined ? createdBy : `RUN ${command}`;
}
