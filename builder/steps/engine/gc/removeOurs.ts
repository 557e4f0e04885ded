import { asList, asRecord, asText } from '../answers.ts';
import type { Engine } from '../engine.ts';
import { EngineRefusal } from '../engineFaults.ts';
import { familiar } from '../ourImages.ts';
import { removeImage } from '../sweep.ts';
import type { OurImage } from './inventory.ts';

/**
 * Removes an image as it is now: where somebody has given it a name meanwhile, it loses only the names of its build.
 * Gives why it is still there, undefined where it is gone. Throws as `engine.call` does.
 */
export async function removeOurs(
  engine: Engine,
  image: OurImage,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const found = await inspect(engine, image.id, signal);
  if (!found) return undefined;
  const given = new Set(image.names.map(familiar));
  const names = asList(found['RepoTags']).map(asText);
  const own = names.filter((name) => given.has(familiar(name)));
  if (own.length < names.length) {
    for (const name of own) await untag(engine, image.id, name, signal);
    return 'it has a name of others';
  }
  // Of a layer nothing is forced: where anything uses it, the engine itself refuses.
  const isGone = image.isLayer
    ? await remove(engine, image.id, signal)
    : await removeImage(engine, image.id, signal);
  return isGone ? undefined : 'a container or another image uses it';
}

/** Unless the name is by now that of another image. */
async function untag(engine: Engine, id: string, name: string, signal?: AbortSignal): Promise<void> {
  const found = await inspect(engine, name, signal);
  if (found?.['Id'] === id) await remove(engine, name, signal);
}

/** False where the engine refuses because it is in use. Parents stay, whoever made them. */
async function remove(engine: Engine, name: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await engine.call({ method: 'DELETE', path: `/images/${name}`, query: { noprune: 1 }, signal });
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 409) return false;
    if (error instanceof EngineRefusal && error.status === 404) return true;
    throw error;
  }
}

async function inspect(
  engine: Engine,
  name: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  try {
    return asRecord(await engine.call({ method: 'GET', path: `/images/${name}/json`, signal }));
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}
