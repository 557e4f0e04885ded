import { createHash } from 'node:crypto';
import type { RegistryCredential } from '../../model/access.ts';
import { BuildFault } from '../../model/faults.ts';
import type { LogSink } from '../../model/log.ts';
import type { PushedImage } from '../../model/spec.ts';
import { asList, asNumber, asRecord, asText } from '../engine/answers.ts';
import { openRegistry, type RegistryClient } from './client.ts';
import { pushedPlace } from './pushedPlace.ts';
import { RegistryFault } from './registryFaults.ts';

export interface ManifestListPush {
  /** The name without a tag, where the images of all platforms are already. */
  repository: string;
  tags: readonly string[];
  /** `platform` is `os/arch[/variant]`, `digest` that of the image in the registry. */
  platforms: readonly { platform: string; digest: string }[];
  /** For the registry that `repository` names. */
  credential?: RegistryCredential | undefined;
  log: LogSink;
  signal: AbortSignal;
  /** Time before the first retry, in milliseconds; 1 s where nothing is said. */
  firstPauseMs?: number;
}

const dockerImage = 'application/vnd.docker.distribution.manifest.v2+json';
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
const ociImage = 'application/vnd.oci.image.manifest.v1+json';
const ociIndex = 'application/vnd.oci.image.index.v1+json';

interface Entry {
  mediaType: string;
  size: number;
  digest: string;
  platform?: unknown;
}

/**
 * Puts one name over the images of several platforms, so that whoever pulls it gets the image of his own. Rejects with a
 * BuildFault as `pushImage` does, or with the signal's reason.
 */
export async function pushManifestList(push: ManifestListPush): Promise<PushedImage> {
  const { repository, tags, log } = push;
  const { host, path } = pushedPlace(repository, tags);
  if (push.platforms.length === 0)
    throw new BuildFault('build_invalid', `${repository} has no platforms`, { phase: 'push' });
  const registry = openRegistry({ ...push, host, path });
  const entries: Entry[] = [];
  for (const image of push.platforms) entries.push(...(await entriesOf(registry, repository, image)));
  const list = listOf(entries);
  for (const tag of tags) {
    await putManifest(registry, `${repository}:${tag}`, tag, list);
    log.append(
      'system',
      `pushed ${repository}:${tag} for ${push.platforms.length} platforms: ${list.digest}\n`,
    );
  }
  return { repository, tags: [...tags], digest: list.digest };
}

/** What a list says of an image. A builder may have made a list of its own, e.g. of an image and its provenance. */
async function entriesOf(
  registry: RegistryClient,
  repository: string,
  { platform, digest }: { platform: string; digest: string },
): Promise<Entry[]> {
  const { body, headers } = await registry.send({
    method: 'GET',
    path: `manifests/${digest}`,
    headers: { accept: [dockerImage, ociImage, dockerList, ociIndex].join(', ') },
    what: `${repository}@${digest} could not be read`,
  });
  if (digestOf(body) !== digest)
    throw new RegistryFault('push_failed', `the registry has something else for ${repository}@${digest}`);
  const manifest = manifestOf(body);
  const mediaType = asText(manifest['mediaType']) || (headers['content-type'] ?? ociImage);
  if (mediaType !== dockerList && mediaType !== ociIndex)
    return [{ mediaType, size: body.length, digest, platform: platformOf(platform) }];
  return asList(manifest['manifests']).map(asRecord).map(entryOf);
}

function entryOf({ mediaType, digest, size, platform, annotations }: Record<string, unknown>): Entry {
  const more = {
    ...(platform !== undefined && { platform }),
    ...(annotations !== undefined && { annotations }),
  };
  return { mediaType: asText(mediaType), digest: asText(digest), size: asNumber(size), ...more };
}

function manifestOf(body: Buffer): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(body.toString()));
  } catch (cause) {
    throw new RegistryFault('push_failed', 'the registry gave what is no manifest', { cause });
  }
}

function platformOf(text: string): object {
  const [os = '', architecture = '', variant] = text.split('/');
  return { architecture, os, ...(variant !== undefined && { variant }) };
}

interface List {
  mediaType: string;
  body: string;
  digest: string;
}

/** Docker's own kind of list may name Docker's own kind of image only. */
function listOf(manifests: readonly Entry[]): List {
  const mediaType = manifests.every((entry) => entry.mediaType === dockerImage) ? dockerList : ociIndex;
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  return { mediaType, body, digest: digestOf(Buffer.from(body)) };
}

async function putManifest(
  registry: RegistryClient,
  name: string,
  tag: string,
  { mediaType, body, digest }: List,
): Promise<void> {
  const { headers } = await registry.send({
    method: 'PUT',
    path: `manifests/${tag}`,
    headers: { 'content-type': mediaType },
    body,
    what: `${name} could not be pushed`,
  });
  const taken = headers['docker-content-digest'];
  if (taken !== undefined && taken !== digest)
    throw new RegistryFault('push_failed', `the registry took something else for ${name}`);
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
