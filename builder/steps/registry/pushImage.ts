import type { RegistryCredential } from '../../model/access.ts';
import { BuildFault } from '../../model/faults.ts';
import type { LogSink } from '../../model/log.ts';
import { createPushStream, type PushOutcome } from '../../model/pushStream.ts';
import type { PushedManifest } from '../../model/pushStreamMessage.ts';
import type { PushedImage } from '../../model/spec.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineRefusal, isConnectionError, transportFault } from '../engine/engineFaults.ts';
import { tagImage } from '../engine/tagImage.ts';
import { inTurn } from './inTurn.ts';
import { pushedPlace } from './pushedPlace.ts';
import { pushFault, RegistryFault } from './registryFaults.ts';
import { registryAuthHeader } from './registryHeaders.ts';
import { tryAgain } from './tryAgain.ts';

export interface ImagePush {
  engine: Engine;
  /** `sha256:…` */
  imageId: string;
  /** The image's name without a tag, e.g. `quay.io/acme/app`. */
  repository: string;
  tags: readonly string[];
  /** For the registry that `repository` names. */
  credential?: RegistryCredential | undefined;
  log: LogSink;
  /** Its reason is what the push fails with. */
  signal: AbortSignal;
  /** Time before the first retry, in milliseconds; 1 s where nothing is said. */
  firstPauseMs?: number;
}

/**
 * Names an image and pushes it, one tag after the other: with the second its layers are there. Rejects with a BuildFault,
 * or with the signal's reason; an abort closes the connection, which stops the engine's upload.
 */
export async function pushImage(push: ImagePush): Promise<PushedImage> {
  const { repository, tags, signal, log } = push;
  const { host } = pushedPlace(repository, tags);
  const headers = registryAuthHeader(push.credential, host);
  let digest = '';
  for (const tag of tags) {
    const name = `${repository}:${tag}`;
    // Another build may push another image by the same name: neither may take the other's.
    const manifest = await inTurn(`${push.engine.name} ${name}`, signal, async () => {
      await named(push, name);
      return tryAgain(push, () => pushTag(push, tag, headers));
    });
    ({ digest } = manifest.pushed);
    log.append('system', `pushed ${name}: ${manifest.summary}; ${digest} of ${manifest.pushed.size} bytes\n`);
  }
  return { repository, tags: [...tags], digest };
}

async function named({ engine, imageId, signal }: ImagePush, name: string): Promise<void> {
  await tagImage(engine, imageId, name, signal).catch((error: unknown) => {
    throw faultOf(engine, signal, error);
  });
}

/** One try; the engine itself tries an upload that fails five times, over 50 s. */
async function pushTag(
  push: ImagePush,
  tag: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ pushed: PushedManifest; summary: string }> {
  const { engine, repository, log, signal } = push;
  const stream = createPushStream({
    onProgress: (line) => log.append('system', `${repository}:${tag}: ${line}\n`),
    now: Date.now,
  });
  try {
    const path = `/images/${repository}/push`;
    const answer = await engine.open({ method: 'POST', path, query: { tag }, headers, signal });
    // An abort destroys it too: else the engine would go on with its upload.
    for await (const chunk of answer)
      stream.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
    signal.throwIfAborted();
  } catch (error) {
    throw faultOf(engine, signal, error);
  }
  return taken(push, tag, stream.end());
}

function taken(
  { engine, repository, credential }: ImagePush,
  tag: string,
  { pushed, error, incomplete, summary, retried }: PushOutcome,
): { pushed: PushedManifest; summary: string } {
  if (error !== undefined)
    throw pushFault(`${repository}:${tag}`, error, { hasCredential: credential !== undefined, retried });
  if (pushed && !incomplete) return { pushed, summary };
  throw new BuildFault('engine_lost', `the engine ${engine.name} ended the push without a digest`, {
    phase: 'push',
  });
}

/** Which fault of a push it is; what is none stays as it is. */
function faultOf(engine: Engine, signal: AbortSignal, error: unknown): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof RegistryFault) return error;
  if (error instanceof EngineRefusal) return refusalFault(error);
  if (!(error instanceof BuildFault) && !isConnectionError(error)) return error;
  const fault = transportFault(engine.name, error);
  if (fault instanceof EngineRefusal) return refusalFault(fault);
  return new BuildFault(fault.reason, fault.message, { phase: 'push', cause: error });
}

function refusalFault(refusal: EngineRefusal): BuildFault {
  const isInvalid = refusal.status < 500 || /^invalid (?:reference|tag) format/i.test(refusal.message);
  return new BuildFault(
    isInvalid ? 'build_invalid' : 'engine_error',
    `the engine refused the push: ${refusal.message}`,
    { phase: 'push', cause: refusal },
  );
}
