import type { KeptImage } from './image.ts';
import { imageFiguresJson, imageNameJson, imagePartsJson } from './imageJson.ts';
import type { Run } from './run.ts';

/**
 * What a run gave back, as the text of a JSON object; undefined where there is nothing. `output` is the JSON text that
 * its endpoint answered: it stays as it came, so that no number loses a digit. What is no object becomes
 * `{"value": …}`: clients read objects.
 */
export function resultText(run: Pick<Run, 'result' | 'commit'>, output: string | null): string | undefined {
  if (output !== null) return asObjectText(output);
  const built = buildResultJson(run);
  return built && JSON.stringify(built);
}

/** What a build gave back: the images without layers and steps, which are megabytes. Undefined where it built none. */
export function buildResultJson(run: Pick<Run, 'result' | 'commit'>): object | undefined {
  return resultJson(run, (image) => ({ ...imageNameJson(image), labels: image.labels }));
}

/** The same with all that is known of the images: for a run that is asked for by itself. */
export function wholeBuildResultJson(run: Pick<Run, 'result' | 'commit'>): object | undefined {
  return resultJson(run, (image) => ({
    ...imageNameJson(image),
    ...imageFiguresJson(image),
    ...imagePartsJson(image),
  }));
}

function resultJson(
  { result, commit }: Pick<Run, 'result' | 'commit'>,
  shape: (image: KeptImage) => object,
): object | undefined {
  if (result === null) return undefined;
  const built = result.commit ?? commit;
  return { images: result.images.map(shape), ...(built !== null && { commit: built }) };
}

function asObjectText(json: string): string {
  return /^\s*\{/.test(json) ? json : `{"value":${json}}`;
}
