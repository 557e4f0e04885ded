import type { Mark } from '../../model/spec.ts';
import { asList, asRecord, asText } from './answers.ts';
import { removeCgroups } from './cgroup.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal } from './engineFaults.ts';
import { attemptLabel, storeLabel } from './labels.ts';
import { imagesOfAttempt, markedImage, type MarkedImage } from './ourImages.ts';
import { createContainerFinder, removeContainer } from './ourContainers.ts';

/** Ids of what a sweep removed, and of the images that it left because something uses them. */
export interface SweepReport {
  containers: string[];
  images: string[];
  imagesInUse: string[];
}

/** The attempts of a store that have a container on the engine. Throws as `engine.call` does. */
export async function findAttempts(engine: Engine, store: string, signal?: AbortSignal): Promise<string[]> {
  const containers = await createContainerFinder(engine, store)(signal);
  return [...new Set(containers.map(({ attempt }) => attempt))];
}

/**
 * Removes what one attempt left on the engine: its containers with their anonymous volumes, and with `images` also
 * the images that it made, while their cached layers stay. Nothing else is touched. Throws as `engine.call` does;
 * may be done again.
 */
export async function sweep(
  engine: Engine,
  mark: Mark,
  { images, signal }: { images: boolean; signal?: AbortSignal },
): Promise<SweepReport> {
  const report: SweepReport = { containers: [], images: [], imagesInUse: [] };
  for (const { id, attempt } of await createContainerFinder(engine, mark.store)(signal)) {
    if (attempt !== mark.attempt) continue;
    await removeContainer(engine, id, signal);
    report.containers.push(id);
  }
  for (const id of images ? await imagesOf(engine, mark, signal) : []) {
    const list = (await removeImage(engine, id, signal)) ? report.images : report.imagesInUse;
    list.push(id);
  }
  if (engine.local) await removeCgroups(mark);
  return report;
}

async function imagesOf(engine: Engine, { store, attempt }: Mark, signal?: AbortSignal): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${storeLabel}=${store}`, `${attemptLabel}=${attempt}`] });
  // Also those that lost their names to images made of them, which else would look like ours.
  const listed = asList(await get(engine, '/images/json', { all: 1, filters }, signal));
  const candidates: MarkedImage[] = [];
  for (const image of listed.map(asRecord)) {
    const id = asText(image['Id']);
    const history = asList(await get(engine, `/images/${id}/history`, {}, signal)).map(asRecord);
    candidates.push(markedImage(image, history));
  }
  return imagesOfAttempt(candidates, attempt);
}

/** Untags and removes; false where a container or another image needs it. Throws as `engine.call` does. */
export async function removeImage(engine: Engine, id: string, signal?: AbortSignal): Promise<boolean> {
  const filters = JSON.stringify({ ancestor: [id] });
  const users = asList(await get(engine, '/containers/json', { all: 1, filters }, signal));
  if (users.length > 0) return false;
  try {
    // By id and forced, because a tag may have moved to a newer image meanwhile.
    const query = { force: 1, noprune: 1 };
    await engine.call({ method: 'DELETE', path: `/images/${id}`, query, signal });
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 409) return false;
    if (error instanceof EngineRefusal && error.status === 404) return true;
    throw error;
  }
}

function get(
  engine: Engine,
  path: string,
  query: Record<string, string | number>,
  signal?: AbortSignal,
): Promise<unknown> {
  return engine.call({ method: 'GET', path, query, signal });
}
