import { importBusybox } from '../../fixtures/baseImage.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { type JobView, postJob } from '../../fixtures/jobs.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { createRepository, type Files } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openWorld, type World } from '../../fixtures/world.ts';

export interface PartView {
  platform: string;
  digest: string;
  bytes: number;
}

export interface RunView {
  id: string;
  status: string;
  parent_run_id: string;
}

/**
 * A server with two engines of one place each, `amd` and `arm`. The second is said to be for linux/arm64, and its busybox
 * has a file /arm.
 */
export interface TwoEngines extends World {
  arm: TestEngine;
  registry: TestRegistry;
  /** Asks for a build of a new repository. */
  post(files: Files): Promise<JobView>;
  /** Resolves when both engines have nothing to do. */
  idle(): Promise<void>;
  /** The child runs of a job. */
  children(id: string): Promise<RunView[]>;
  /** The engines that the attempts of a job were on. */
  enginesOf(id: string): Promise<(string | null)[]>;
  /** What the registry has by a name. */
  manifest(name: string, reference: string): Promise<{ body: Manifest; digest: string | null }>;
}

export interface Manifest {
  mediaType: string;
  manifests?: { digest: string; size: number; platform: { os: string; architecture: string } }[];
}

const kinds = ['vnd.docker.distribution.manifest.list.v2', 'vnd.docker.distribution.manifest.v2'];
const accept = kinds.map((kind) => `application/${kind}+json`).join(', ');

export async function openTwoEngines(): Promise<TwoEngines> {
  const [amd, arm, registry] = await Promise.all([startEngine(), startEngine(), startRegistry()]);
  await Promise.all([importBusybox(amd), importBusybox(arm)]);
  await arm.docker('run', '--name', 'mark', 'busybox', 'touch', '/arm');
  await arm.docker('commit', 'mark', 'busybox');
  await arm.docker('rm', 'mark');
  const engines = [
    { name: 'amd', address: amd.host, slots: 1 },
    { name: 'arm', address: arm.host, slots: 1, labels: { platform: 'linux/arm64' } },
  ];
  const world = await openWorld({ engine: amd, settings: { engines } });
  let count = 0;

  const json = async (path: string): Promise<unknown> => (await world.server.request(path)).json();
  return {
    ...world,
    arm,
    registry,
    async post(files) {
      const repo = `multi${++count}`;
      await createRepository(world.git, `acme/${repo}`, files);
      return postJob(world.server, { account: 'acme', repo, ref: 'main' });
    },
    async idle() {
      await waitFor('the engines to be idle', async () => {
        const listed = (await json('/engines')) as { state: string; busy: number }[];
        return listed.length === 2 && listed.every(({ state, busy }) => state === 'ok' && busy === 0);
      });
    },
    children: async (id) => (await json(`/v1/runs/${id}/children`)) as RunView[],
    async enginesOf(id) {
      const attempts = (await json(`/jobs/${id}/attempts`)) as { engine: string | null }[];
      return attempts.map(({ engine }) => engine);
    },
    async manifest(name, reference) {
      const url = `http://${registry.host}/v2/${name}/manifests/${reference}`;
      const response = await fetch(url, { headers: { accept } });
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      const body = (await response.json()) as Manifest;
      return { body, digest: response.headers.get('docker-content-digest') };
    },
    async close() {
      await world.close();
      await Promise.all([amd.close(), arm.close(), registry.close()]);
    },
  };
}
