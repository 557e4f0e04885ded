import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { RegistryCredential } from '../../../builder/model/access.ts';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { EngineRefusal } from '../../../builder/steps/engine/engineFaults.ts';
import { type ImagePush, pushImage } from '../../../builder/steps/registry/pushImage.ts';
import { registryAuthHeader } from '../../../builder/steps/registry/registryHeaders.ts';
import { build, memoryLog } from '../engine/builds.ts';

export const bob = { username: 'bob', password: 'a:secret+of/bob?' };
export const basicOfBob = `Basic ${Buffer.from(`${bob.username}:${bob.password}`).toString('base64')}`;

/** Builds an image that no registry has, with one layer of `bytes`. */
export async function newImage(engine: Engine, bytes = 1000): Promise<string> {
  const content = randomBytes(bytes / 2).toString('hex');
  const { result, fault } = await build(engine, {
    dockerfile: 'FROM scratch\nCOPY x /x\n',
    files: { x: content },
  });
  if (!result) throw fault ?? new Error('there is no image');
  return result.id;
}

export type PushOrder = Pick<ImagePush, 'engine' | 'imageId' | 'repository'> & Partial<ImagePush>;

/** Pushes and gives what came of it; the pauses between tries are short. */
export async function push(order: PushOrder) {
  const log = memoryLog();
  try {
    const signal = new AbortController().signal;
    const result = await pushImage({ tags: ['1'], log, signal, firstPauseMs: 20, ...order });
    return { result, fault: undefined, log };
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    return { result: undefined, fault: error, log };
  }
}

/** Lets the engine pull; gives the words of its error, "" without one. */
export async function pull(engine: Engine, name: string, credential?: RegistryCredential): Promise<string> {
  const headers = registryAuthHeader(credential, name.split('/')[0] ?? '');
  const query = { fromImage: name };
  const signal = AbortSignal.timeout(20_000);
  try {
    const answer = await engine.open({ method: 'POST', path: '/images/create', query, headers, signal });
    const last = (await text(answer)).trim().split('\n').at(-1);
    return (JSON.parse(last ?? '{}') as { error?: string }).error ?? '';
  } catch (error) {
    if (error instanceof EngineRefusal) return error.message;
    throw error;
  }
}
