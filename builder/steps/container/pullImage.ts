import type { RegistryCredential } from '../../model/access.ts';
import { BuildFault } from '../../model/faults.ts';
import type { ImageReference } from '../../model/imageReference.ts';
import { createPullStream } from '../../model/pullStream.ts';
import { EngineRefusal } from '../engine/engineFaults.ts';
import { readAnswer } from '../engine/readAnswer.ts';
import { pullFault } from '../registry/registryFaults.ts';
import { registryAuthHeader } from '../registry/registryHeaders.ts';
import { tryAgain } from '../registry/tryAgain.ts';
import type { ContainerRun } from './containerRun.ts';

/** Lets the engine fetch an image; a registry that is away is asked again. Rejects with a BuildFault. */
export async function pullImage(run: ContainerRun, image: ImageReference): Promise<void> {
  const credential = await credentialFor(run, image.host);
  await tryAgain({ log: run.deps.log, signal: run.signal }, () => pullOnce(run, image, credential));
}

async function pullOnce(
  { deps, spec, signal }: ContainerRun,
  image: ImageReference,
  credential: RegistryCredential | undefined,
): Promise<void> {
  const { engine, log } = deps;
  const stream = createPullStream((line) => log.append('system', `${spec.image}: ${line}\n`), Date.now);
  try {
    const answer = await engine.open({
      method: 'POST',
      path: '/images/create',
      // Without a tag the engine would fetch all that there are.
      query: { fromImage: image.name, tag: image.digest ?? image.tag ?? 'latest' },
      headers: registryAuthHeader(credential, image.host),
      signal,
    });
    await readAnswer(answer, stream, log, signal);
  } catch (error) {
    if (error instanceof EngineRefusal) throw pullFault(spec.image, error.message, credential !== undefined);
    throw error;
  }
  const { error, incomplete, digest, summary } = stream.end();
  if (error !== undefined) throw pullFault(spec.image, error, credential !== undefined);
  if (incomplete)
    throw new BuildFault('engine_lost', `the engine ${engine.name} broke off the pull of ${spec.image}`, {
      phase: 'clone',
    });
  log.append('system', `pulled ${spec.image}: ${summary}${digest === undefined ? '' : `; ${digest}`}\n`);
}

/** The spec's own, else what there is for exactly that registry. */
async function credentialFor(
  { deps: { access }, spec: { credentials } }: ContainerRun,
  host: string,
): Promise<RegistryCredential | undefined> {
  if (!credentials) return access.registry(host);
  return {
    username: await access.secret(credentials.username),
    password: await access.secret(credentials.password),
  };
}
