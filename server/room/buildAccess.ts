import type { Access, RegistryCredential } from '../../builder/model/access.ts';
import { BuildFault } from '../../builder/model/faults.ts';
import { isProposal } from '../../builder/model/gitRef.ts';
import { dockerHub, parseImageReference } from '../../builder/model/imageReference.ts';
import type { Job } from '../words/job.ts';
import type { Run } from '../words/run.ts';

/** What the configuration gives to the builds of a project. */
export interface AccessPolicy {
  push: boolean;
  registry(host: string, project: string): Promise<RegistryCredential | undefined>;
  /** Undefined where there is none, or none for the project. */
  secret(name: string, project: string): string | undefined;
  /** Why a project may not give an image this name. */
  refusedName(repository: string, project: string): string | undefined;
  /** Whether the settings say whose the name is. */
  isListed(repository: string): boolean;
  /** Why the engine is not to be sent to this registry. */
  refusedRegistry(host: string): string | undefined;
  /** What builds of proposed changes get: anybody may have written them. */
  proposals(account: string, repo: string): Proposals;
}

export interface Proposals {
  secrets: boolean;
  push: boolean;
  cacheExport: boolean;
  bobfile: boolean;
}

const everything: Proposals = { secrets: true, push: true, cacheExport: true, bobfile: true };

export interface BuildAccessDeps {
  /** Told each secret before it is used, so that no log shows it. */
  learn: (secret: string) => void;
  /** The projects whose images are called `<folder>/…` where nothing else is said. */
  owners: (folder: string) => Promise<readonly string[]>;
}

/** What the build of a run may use. */
export function buildAccess(
  { project, definition }: Pick<Job, 'project' | 'definition'>,
  run: Pick<Run, 'ref'> & Partial<Pick<Run, 'request'>>,
  policy: AccessPolicy,
  { learn, owners }: BuildAccessDeps,
): Access {
  const { account = project, repo = '' } = definition.image?.source ?? {};
  const may = isProposal(run.request?.part?.ref ?? run.ref) ? policy.proposals(account, repo) : everything;
  return {
    push: policy.push && may.push,
    cacheExport: may.cacheExport,
    ownBobfile: may.bobfile,
    refusedName: async (repository) =>
      policy.refusedName(repository, project) ??
      (policy.isListed(repository) ? undefined : takenName(repository, project, owners)),
    refusedRegistry: (host) => policy.refusedRegistry(host),
    realNames: may.push,
    async registry(host) {
      const credential = may.secrets ? await policy.registry(host, project) : undefined;
      if (credential) learn('identityToken' in credential ? credential.identityToken : credential.password);
      return credential;
    },
    async secret(name) {
      if (!may.secrets) throw refused(name, 'is not for builds of proposed changes');
      const value = policy.secret(name, project);
      if (value === undefined) throw refused(name, `is not in settings.json, or not for ${project}`);
      learn(value);
      return value;
    },
  };
}

/** Without a registry's host, a name is also one on the engine, where the images of another project may have it. */
async function takenName(
  repository: string,
  project: string,
  owners: BuildAccessDeps['owners'],
): Promise<string | undefined> {
  const name = parseImageReference(repository);
  const folder = name?.host === dockerHub ? name.path.replace(/\/[^/]*$/, '') : undefined;
  const others = folder === undefined ? [] : await owners(folder);
  if (others.length === 0 || others.includes(project)) return undefined;
  return `${repository} is what an image of the project ${others[0] ?? ''} is called: the settings (registries) may give it to ${project}`;
}

function refused(name: string, why: string): BuildFault {
  return new BuildFault('secret_refused', `the secret ${name} ${why}`);
}
