import type { RegistryCredential } from '../../../builder/model/access.ts';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { CachePlan } from '../../../builder/model/imagePlan.ts';
import type { ImageOptions, Mark } from '../../../builder/model/spec.ts';
import type { SourceTree } from '../../../builder/model/tree.ts';
import { buildWithBuildKit } from '../../../builder/steps/buildkit/buildWithBuildKit.ts';
import { findContext } from '../../../builder/steps/contextFiles.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { type Files, makeFolder } from '../context/makeFolder.ts';
import { type MemoryLog, memoryLog, newMark, type Outcome } from '../engine/builds.ts';

export interface KitOrder {
  dockerfile?: string;
  files?: Files;
  /** In place of `dockerfile` and `files`. */
  tree?: SourceTree;
  /** Path of the Dockerfile in the source. */
  dockerfilePath?: string;
  folder?: string;
  tags?: string[];
  labels?: Record<string, string>;
  options?: ImageOptions;
  mark?: Mark;
  log?: MemoryLog;
  signal?: AbortSignal;
  /** Values by id, which is their name as well. */
  secrets?: Record<string, string>;
  /** Ids of secrets that the settings refuse. */
  refused?: string[];
  /** A private key. */
  ssh?: string;
  registry?: (host: string) => RegistryCredential | undefined;
  cache?: Partial<CachePlan>;
  limits?: { contextBytes: number; contextEntries: number };
  goneTimeoutMs?: number;
}

export interface KitOutcome extends Outcome {
  log: MemoryLog;
}

/** Builds with BuildKit and gives what came of it, success or fault. */
export async function kitBuild(engine: Engine, order: KitOrder): Promise<KitOutcome> {
  const outcome: KitOutcome = {
    result: undefined,
    fault: undefined,
    events: [],
    leftover: false,
    mark: order.mark ?? newMark(),
    log: order.log ?? memoryLog(),
  };
  const made =
    order.tree === undefined
      ? await makeFolder({ Dockerfile: order.dockerfile ?? 'FROM busybox\n', ...order.files })
      : undefined;
  try {
    const tree = order.tree ?? made?.tree;
    if (!tree) throw new Error('unreachable: there is a tree');
    outcome.result = await buildTree(engine, tree, order, outcome);
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    outcome.fault = error;
  } finally {
    await made?.remove();
  }
  return outcome;
}

async function buildTree(engine: Engine, tree: SourceTree, order: KitOrder, outcome: KitOutcome) {
  const { folder = '', dockerfilePath = 'Dockerfile', secrets = {}, refused = [], ssh } = order;
  return buildWithBuildKit({
    engine,
    tree,
    found: await findContext(tree, { folder, dockerfile: dockerfilePath }),
    limits: order.limits ?? { contextBytes: 1e9, contextEntries: 1e6 },
    access: {
      cacheExport: true,
      registry: async (host) => order.registry?.(host),
      secret: async (name) => {
        const value = name === 'the-key' ? ssh : secrets[name];
        if (value === undefined) throw new BuildFault('secret_refused', `there is no secret ${name}`);
        return value;
      },
    },
    secrets: [...Object.keys(secrets), ...refused].map((id) => ({ id, secret: id })),
    ...(ssh !== undefined && { ssh: 'the-key' }),
    cache: { from: [], inline: false, to: [], ...order.cache },
    tags: order.tags ?? [],
    options: order.options ?? {},
    mark: outcome.mark,
    labels: order.labels ?? {},
    log: outcome.log,
    signal: order.signal ?? new AbortController().signal,
    ...(order.goneTimeoutMs !== undefined && { goneTimeoutMs: order.goneTimeoutMs }),
    onLeftover: () => (outcome.leftover = true),
    onEvent: (event) => outcome.events.push(event),
  });
}
