import { asList, asRecord, asText, asTexts } from './answers.ts';
import { attemptOfCgroup } from './cgroup.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal } from './engineFaults.ts';
import { attemptLabel, containerName, storeLabel } from './labels.ts';

export interface OurContainer {
  id: string;
  attempt: string;
}

/** Lists the containers on an engine that belong to a store. */
export type ContainerFinder = (signal?: AbortSignal) => Promise<OurContainer[]>;

const atOnce = 8;

/**
 * A container is ours by its control group, or by labels of its own. A job's own has its attempt in its name, too. It inherits the labels of its image, so those
 * alone say nothing: anybody may run an image that was built here. The list of the engine tells no control groups,
 * so each container is inspected once; the finder remembers what it saw.
 */
export function createContainerFinder(engine: Engine, store: string): ContainerFinder {
  const seen = new Map<string, string | undefined>();

  return async (signal) => {
    const ids = await containerIds(engine, signal);
    const unknown = ids.filter((id) => !seen.has(id));
    for (let from = 0; from < unknown.length; from += atOnce)
      await Promise.all(
        unknown.slice(from, from + atOnce).map(async (id) => {
          seen.set(id, await attemptOf(engine, store, id, signal));
        }),
      );
    return ids.flatMap((id) => {
      const attempt = seen.get(id);
      return attempt === undefined ? [] : [{ id, attempt }];
    });
  };
}

async function containerIds(engine: Engine, signal?: AbortSignal): Promise<string[]> {
  const answer = await engine.call({
    method: 'GET',
    path: '/containers/json',
    query: { all: 1 },
    signal,
  });
  return asList(answer).map((container) => asText(asRecord(container)['Id']));
}

async function attemptOf(
  engine: Engine,
  store: string,
  id: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const container = await inspect(engine, `/containers/${id}/json`, signal);
  const parent = asText(asRecord(container['HostConfig'])['CgroupParent']);
  const byCgroup = attemptOfCgroup(parent, store);
  if (byCgroup !== undefined) return byCgroup;
  const labels = asTexts(asRecord(container['Config'])['Labels']);
  const attempt = labels[attemptLabel];
  if (labels[storeLabel] !== store || attempt === undefined) return undefined;
  if (asText(container['Name']) === `/${containerName({ attempt })}`) return attempt;
  const image = await inspect(engine, `/images/${asText(container['Image'])}/json`, signal);
  // Where the image is gone nobody can tell whose the labels were, and a stranger's container is worth more.
  if (image['Id'] === undefined) return undefined;
  return asTexts(asRecord(image['Config'])['Labels'])[attemptLabel] === attempt ? undefined : attempt;
}

/** Empty where it is gone. */
async function inspect(engine: Engine, path: string, signal?: AbortSignal): Promise<Record<string, unknown>> {
  try {
    return asRecord(await engine.call({ method: 'GET', path, signal }));
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return {};
    throw error;
  }
}

/** Kills and removes a container with its anonymous volumes; fine where it is gone or going. */
export async function removeContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  try {
    const query = { force: 1, v: 1 };
    await engine.call({ method: 'DELETE', path: `/containers/${id}`, query, signal });
  } catch (error) {
    if (!(error instanceof EngineRefusal && (error.status === 404 || error.status === 409))) throw error;
  }
}
