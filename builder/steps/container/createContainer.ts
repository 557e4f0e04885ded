import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerSpec } from '../../model/container.ts';
import { checkArguments, environmentOf } from '../../model/containerMessage.ts';
import { BuildFault } from '../../model/faults.ts';
import { type ImageReference, parseImageReference } from '../../model/imageReference.ts';
import { asList, asRecord, asText } from '../engine/answers.ts';
import { EngineRefusal } from '../engine/engineFaults.ts';
import { containerBody } from './containerBody.ts';
import { containerFault, isBreak } from './containerFaults.ts';
import type { ContainerRun } from './containerRun.ts';
import { lookAtContainer } from './lookAtContainer.ts';
import { pullImage } from './pullImage.ts';

/** An engine under load takes its time, and a request that was given up is done all the same. */
const createTimeoutMs = 60_000;
/** How long a name may be taken by a container that is being made or removed, in milliseconds. */
const takenMs = 10_000;
const takenPauseMs = 50;

/**
 * Makes the container, after its image was pulled where that is asked for; `unknown` where it was there already, made by
 * a request that nobody could see the answer of. Rejects with a BuildFault.
 */
export async function createContainer(run: ContainerRun): Promise<'new' | 'unknown'> {
  const { deps, spec } = run;
  const image = pullable(spec.image);
  const refused = image && deps.access.refusedRegistry(image.host);
  if (refused !== undefined) throw new BuildFault('image_name_refused', refused, { phase: 'clone' });
  const body = containerBody(spec, await environment(run));
  if (spec.pull === 'always' && image) await pullImage(run, image);
  const made = await create(run, body);
  if (made) return made;
  if (spec.pull !== 'missing' || !image) throw imageMissing(spec, deps.engine.name);
  await pullImage(run, image);
  const second = await create(run, body);
  if (second) return second;
  throw imageMissing(spec, deps.engine.name);
}

/** Undefined where it is the id of an image, which no registry knows. */
function pullable(image: string): ImageReference | undefined {
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(image)) return undefined;
  const reference = parseImageReference(image);
  if (reference) return reference;
  throw new BuildFault('container_invalid', `${image} is no name of an image`, { phase: 'clone' });
}

const secretValue = /^secret:(.+)$/s;

async function environment({ deps: { access }, spec }: ContainerRun): Promise<string[]> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(spec.env)) {
    const secret = secretValue.exec(value)?.[1];
    env[name] = secret === undefined ? value : await access.secret(secret);
  }
  const entries = environmentOf(env, spec.message);
  checkArguments(spec, entries);
  return entries;
}

/** Undefined where the engine does not have its image. */
async function create(run: ContainerRun, body: object): Promise<'new' | 'unknown' | undefined> {
  const { deps, signal } = run;
  const giveUpAt = Date.now() + takenMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      await createOnce(run, body);
      return 'new';
    } catch (error) {
      if (isMissingImage(error)) return undefined;
      const isTaken = error instanceof EngineRefusal && error.status === 409;
      // The engine may have done what it could not answer any more; who asks again is told that the name is taken.
      if ((isTaken || isBreak(error)) && (await isThere(run))) return 'unknown';
      // The name is taken before the container can be seen.
      if (!isTaken || Date.now() > giveUpAt) throw containerFault(deps.engine.name, error, 'clone');
      await pause(takenPauseMs);
    }
  }
}

async function createOnce({ deps, name }: ContainerRun, body: object): Promise<void> {
  const path = '/containers/create';
  const created = { method: 'POST', path, query: { name }, body, timeoutMs: createTimeoutMs } as const;
  for (const warning of asList(asRecord(await deps.engine.call(created))['Warnings']))
    deps.log.append('system', `${asText(warning).replaceAll(/\s+/g, ' ')}\n`);
}

function isMissingImage(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 404 && /no such image/i.test(error.message);
}

async function isThere({ deps, spec, signal }: ContainerRun): Promise<boolean> {
  const found = await lookAtContainer(deps.engine, spec.mark, signal).catch(() => undefined);
  return found !== undefined;
}

function imageMissing({ image, pull }: ContainerSpec, engine: string): BuildFault {
  const why = pull === 'never' ? ', and it is not to be pulled' : '';
  return new BuildFault('image_not_found', `the engine ${engine} does not have the image ${image}${why}`);
}
