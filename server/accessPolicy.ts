import type { RegistryCredential } from '../builder/model/access.ts';
import {
  dockerHub,
  type ImageReference,
  parseImageReference,
  registryName,
} from '../builder/model/imageReference.ts';
import { dockerConfigCredential } from '../builder/steps/registry/dockerConfig.ts';
import type { RegistryLogin } from './config/environment.ts';
import { prefix } from './config/variables.ts';
import type { ConfigurationState, Registry } from './configuration.ts';
import type { AccessPolicy } from './room/buildAccess.ts';
import { isMetadataHost } from './words/metadataHost.ts';

/** Longest time that a credential helper may take, in milliseconds. */
const helperMs = 10_000;

const nothing = { secrets: false, push: false, cacheExport: false, bobfile: false } as const;

/** What the configuration, as it is now, gives to the builds of whom. */
export function accessPolicyOf(
  { environment, current }: ConfigurationState,
  env = helperEnvironment(process.env),
): AccessPolicy {
  return {
    push: !environment.skipPush,
    refusedName: (repository, project) => refusedName(current.registries, repository, project),
    isListed: (repository) => ownersOf(current.registries, parseImageReference(repository)).length > 0,
    refusedRegistry: (host) => refusedRegistry(current.registries, host),
    async registry(host, project) {
      const listed = current.registries.filter((one) => isSame(one.host, host));
      // What the settings say of a host is all that counts for it: else a project that they leave out would get ours.
      if (listed.length > 0)
        return listed.find(({ projects, credential }) => credential && isFor(projects, project))?.credential;
      const { registry } = environment;
      if (registry && isSame(registry.host, host)) return loginOf(registry);
      return dockerConfigCredential(isSame(host, dockerHub) ? dockerHub : host, {
        env,
        signal: AbortSignal.timeout(helperMs),
      });
    },
    secret(name, project) {
      const listed = current.settings.secrets.find((one) => one.name === name);
      return listed && isFor(listed.projects, project) ? current.secrets.get(name) : undefined;
    },
    proposals: (account, repo) =>
      current.settings.pullRequests.find(
        (one) => one.account === account && (one.repo === undefined || one.repo === repo),
      ) ?? nothing,
  };
}

/** Credential helpers find their settings there; what configures this server is none of their business. */
function helperEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(prefix)));
}

/** Two spellings of one host must not differ in whose it is. */
function isSame(one: string, other: string): boolean {
  return registryName(one) === registryName(other);
}

/** The engine may reach what its builds cannot, and says what it was answered. */
function refusedRegistry(registries: readonly Registry[], host: string): string | undefined {
  if (!isMetadataHost(host) || registries.some((one) => isSame(one.host, host))) return undefined;
  return `${host} is no place for images: where a registry is there, list it in settings.json (registries)`;
}

function isFor(projects: readonly string[], project: string): boolean {
  return projects.includes('*') || projects.includes(project);
}

function loginOf({ username, password, email }: RegistryLogin): RegistryCredential {
  return { username, password, ...(email !== undefined && { email }) };
}

/** A name that the settings give to some projects is for no other; Docker's own images are nobody's. */
function refusedName(
  registries: readonly Registry[],
  repository: string,
  project: string,
): string | undefined {
  const name = parseImageReference(repository);
  if (!name) return `${repository} is no name of an image`;
  if (isOfficial(name))
    return `${repository} is the name of one of Docker's own images: give it a registry or an account`;
  const unfit = refusedRegistry(registries, name.host);
  if (unfit !== undefined) return unfit;
  const owners = ownersOf(registries, name);
  if (owners.length === 0 || owners.some(({ projects }) => isFor(projects, project))) return undefined;
  return `the settings do not let ${project} name images ${repository}`;
}

function ownersOf(registries: readonly Registry[], name: ImageReference | undefined): Registry[] {
  return name ? registries.filter((registry) => covers(registry, name)) : [];
}

function isOfficial({ host, path }: ImageReference): boolean {
  return isSame(host, dockerHub) && (path.startsWith('library/') || !path.includes('/'));
}

function covers({ host, path }: Registry, name: ImageReference): boolean {
  if (!isSame(host, name.host)) return false;
  return path === undefined || name.path === path || name.path.startsWith(`${path}/`);
}
