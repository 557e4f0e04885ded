import type { ImageResult } from '../../model/spec.ts';
import { asRecord, asText, asList } from './answers.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal } from './engineFaults.ts';

/** What the engine knows of the image that another is made FROM; only its name where it does not have it. */
export async function baseImage(
  engine: Engine,
  name: string | undefined,
  signal: AbortSignal,
): Promise<ImageResult['base']> {
  if (name === undefined) return undefined;
  try {
    const path = `/images/${name.split('/').map(encodeURIComponent).join('/')}/json`;
    const image = asRecord(await engine.call({ method: 'GET', path, signal }));
    const digest = asText(asList(image['RepoDigests'] ?? [])[0]).split('@')[1];
    return { name, id: asText(image['Id']), ...(digest !== undefined && { digest }) };
  } catch (error) {
    if (error instanceof EngineRefusal && error.status < 500) return { name };
    throw error;
  }
}
