/** An image's name in its parts, as the engine reads it. */
export interface ImageReference {
  /** The registry, lower case and with its port; `docker.io` where the name has none. */
  host: string;
  /** The repository there; Docker's own images are below `library/`. */
  path: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
  /** As it was written, without tag and digest. */
  name: string;
}

export const dockerHub = 'docker.io';

const hubNames = new Set(['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

const longestName = 255;
// A name, a tag, the longest digest, and what stands between them.
const longestReference = longestName + 1 + 128 + 1 + 'sha512:'.length + 128;

// The grammar of github.com/distribution/reference.
const hostShape =
  /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d+)?$/i;
const pathShape = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$/;
const tagShape = /^\w[\w.-]{0,127}$/;
const digestShape = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const imageId = /^[0-9a-f]{64}$/;

/** Reads the name of an image; undefined where the engine would refuse it. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > longestReference) return undefined;
  const { name, tag, digest } = cut(text);
  if (imageId.test(name) || !fits(tag, tagShape) || !fits(digest, digestShape)) return undefined;
  const place = placeOf(name);
  if (!place || `${place.host}/${place.path}`.length > longestName) return undefined;
  return { ...place, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }), name };
}

/**
 * One name for all spellings of a registry's host: its usual port and zeros before a port are left out, and Docker Hub
 * is `docker.io` by whatever name it is asked.
 */
export function registryName(host: string): string {
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::0*(\d+))?$/.exec(host.toLowerCase()) ?? [];
  const own = hubNames.has(name) ? dockerHub : name;
  return port === undefined || port === '443' ? own : `${own}:${port}`;
}

/** Whether a registry's host is this machine: the engine, too, speaks plain HTTP only with such. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

function cut(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf('@');
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? tagged : tagged.slice(0, colon),
    tag: colon < 0 ? undefined : tagged.slice(colon + 1),
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}

function fits(part: string | undefined, shape: RegExp): boolean {
  return part === undefined || shape.test(part);
}

/** The first part is a registry where it cannot be an account of Docker Hub. `Acme/app` is neither. */
function placeOf(name: string): Pick<ImageReference, 'host' | 'path'> | undefined {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  if (hasHost && !hostShape.test(first)) return undefined;
  const path = hasHost ? name.slice(slash + 1) : name;
  if (!pathShape.test(path)) return undefined;
  const host = hasHost ? first.toLowerCase() : dockerHub;
  if (host !== dockerHub && host !== 'index.docker.io') return { host, path };
  return { host: dockerHub, path: path.includes('/') ? path : `library/${path}` };
}
