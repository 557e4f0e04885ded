import { buildTags } from './model/imageName.ts';
import { BuildFault } from './model/faults.ts';
import type { LogSink } from './model/log.ts';
import type { BuildEvent, BuildResult, BuildSpec, ImageResult, Phase } from './model/spec.ts';
import type { SourceTree } from './model/tree.ts';
import { packContext } from './steps/context.ts';
import { buildImage } from './steps/engine/buildImage.ts';
import type { Engine } from './steps/engine/engine.ts';
import type { Sources } from './steps/source/sources.ts';

export interface BuildDeps {
  sources: Sources;
  engine: Engine;
  log: LogSink;
  onEvent: (event: BuildEvent) => void;
  /** Called where a stopped build may have left something on an engine that does not answer. */
  onLeftover: () => void;
}

/**
 * One build, from a source to an image: clone, context, image. Knows nothing of jobs, runs or servers.
 * Throws a BuildFault; when `signal` aborts with one, that one, after the work has stopped.
 */
export async function runBuild(deps: BuildDeps, spec: BuildSpec, signal: AbortSignal): Promise<BuildResult> {
  const tree = await inPhase(deps, 'clone', () => openTree(deps, spec, signal));
  try {
    const image = await inPhase(deps, 'build', () => imageOf(deps, spec, tree, signal));
    return tree.commit === undefined ? { images: [image] } : { commit: tree.commit, images: [image] };
  } finally {
    await tree.close();
  }
}

async function openTree(deps: BuildDeps, spec: BuildSpec, signal: AbortSignal): Promise<SourceTree> {
  const tree = await deps.sources.open(spec.source, {
    log: deps.log,
    signal,
    timeoutMs: spec.limits.gitTimeoutMs,
    mark: spec.mark.attempt,
  });
  if (tree.commit !== undefined) deps.onEvent({ type: 'source:resolved', commit: tree.commit });
  return tree;
}

async function imageOf(
  deps: BuildDeps,
  spec: BuildSpec,
  tree: SourceTree,
  signal: AbortSignal,
): Promise<ImageResult> {
  if (await tree.entry(spec.bobfile))
    deps.log.append(
      'system',
      `${spec.bobfile} is in the repository but is not read yet: ${spec.dockerfile} is built\n`,
    );
  const context = await packContext(tree, {
    folder: spec.contextPath,
    dockerfile: spec.dockerfile,
    maxBytes: spec.limits.contextBytes,
    maxEntries: spec.limits.contextEntries,
    signal,
  });
  return buildImage({
    engine: deps.engine,
    context,
    dockerfile: spec.dockerfile,
    tags: buildTags(spec.account, spec.repo, tree.commit, spec.branch ?? tree.refName),
    options: spec.options,
    labels: originLabels(spec, tree),
    mark: spec.mark,
    log: deps.log,
    onEvent: deps.onEvent,
    onLeftover: deps.onLeftover,
    signal,
  });
}

/** The OCI annotations that say where an image came from. */
function originLabels(spec: BuildSpec, tree: SourceTree): Record<string, string> {
  const labels: Record<string, string> = { 'org.opencontainers.image.created': new Date().toISOString() };
  if (spec.source.kind === 'git') labels['org.opencontainers.image.source'] = spec.source.url;
  if (tree.commit !== undefined) labels['org.opencontainers.image.revision'] = tree.commit;
  return labels;
}

async function inPhase<T>(deps: BuildDeps, phase: Phase, work: () => Promise<T>): Promise<T> {
  deps.onEvent({ type: 'phase:start', phase, at: Date.now() });
  try {
    const result = await work();
    deps.onEvent({ type: 'phase:end', phase, at: Date.now(), exitCode: 0 });
    return result;
  } catch (error) {
    const exitCode = (error instanceof BuildFault ? error.exitCode : undefined) ?? 1;
    deps.onEvent({ type: 'phase:end', phase, at: Date.now(), exitCode });
    throw error;
  }
}
