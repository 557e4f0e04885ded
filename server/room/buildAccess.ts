import type { Access, RegistryCredential } from '../../builder/model/access.ts';
import { BuildFault } from '../../builder/model/faults.ts';
import { isProposal } from '../../builder/model/gitRef.ts';
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

/** What the build of a run may use. `learn` is told each secret before it is used, so that no log shows it. */
export function buildAccess(
  { project, definition }: Pick<Job, 'project' | 'definition'>,
  run: Pick<Run, 'ref'>,
  policy: AccessPolicy,
  learn: (secret: string) => void,
): Access {
  const { account = project, repo = '' } = definition.image?.source ?? {};
  const may = isProposal(run.ref) ? policy.proposals(account, repo) : everything;
  return {
    push: policy.push && may.push,
    cacheExport: may.cacheExport,
    ownBobfile: may.bobfile,
    refusedName: (repository) => policy.refusedName(repository, project),
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

function refused(name: string, why: string): BuildFault {
  return new BuildFault('secret_refused', `the secret ${name} ${why}`);
}
