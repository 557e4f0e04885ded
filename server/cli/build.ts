import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { runBuild } from '../../builder/build.ts';
import { BuildFault } from '../../builder/model/faults.ts';
import type { LogSink } from '../../builder/model/log.ts';
import { given } from '../../builder/model/given.ts';
import type { BuildResult, BuildSpec, FolderSource } from '../../builder/model/spec.ts';
import { engineAddress } from '../../builder/model/engineAddress.ts';
import { nowhereElse } from '../../builder/steps/elsewhere.ts';
import { connectEngine, type Engine } from '../../builder/steps/engine/engine.ts';
import { sweep } from '../../builder/steps/engine/sweep.ts';
import { onePlace } from '../../builder/steps/inOrder.ts';
import { createSources } from '../../builder/steps/source/sources.ts';
import { accessPolicyOf } from '../accessPolicy.ts';
import { readEnvironment } from '../config/environment.ts';
import { type ConfigurationState, readConfiguration } from '../configuration.ts';
import { buildAccess } from '../room/buildAccess.ts';
import { maskedLog } from '../room/masking.ts';
import { createMasks } from '../room/masks.ts';
import { buildSecrets } from '../policy.ts';
import { UsageError } from './arguments.ts';
import { readBuildArguments, type BuildWish } from './buildArguments.ts';
import { askGit } from './workTree.ts';

export const buildUsage = `docker-builder build [folder or Bobfile] [options]

Builds what the Bobfile of a folder says, or its Dockerfile where there is none, and pushes it as the Bobfile says.
Needs a Docker Engine at DOCKER_HOST or the usual socket, and no server.

  --skip-push          images stay on the engine
  --dockerfile PATH    build this Dockerfile and read no Bobfile
  --project NAME       whose secrets and registries of settings.json count

Exit codes: 0 built, 1 failed, 2 a mistake in the arguments or the configuration.
`;

/** Builds a folder on this machine. Sets the exit code; throws a UsageError or a ConfigError. */
export async function runBuildCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const wish = readBuildArguments(args);
  if (wish === 'help') return void process.stdout.write(buildUsage);
  const environment = readEnvironment(env);
  const configuration = await readConfiguration(environment, join(environment.dataFolder, 'settings.json'));
  const engine = connectEngine({ name: 'default', address: engineAddress(env) });
  const abort = new AbortController();
  const cancel = (): void => abort.abort(new BuildFault('canceled', 'stopped by a signal'));
  process.once('SIGINT', cancel).once('SIGTERM', cancel);
  try {
    show(await build(await specOf(wish), wish, configuration, engine, abort.signal));
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    process.stderr.write(`docker-builder: ${error.reason}: ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}

const nothing = (): void => {};

async function build(
  spec: BuildSpec,
  { project, skipPush }: BuildWish,
  configuration: ConfigurationState,
  engine: Engine,
  signal: AbortSignal,
): Promise<BuildResult> {
  const { redact, learn } = createMasks(buildSecrets(configuration));
  const policy = accessPolicyOf(configuration);
  const job = { project, definition: {} };
  const access = buildAccess(
    job,
    { ref: '' },
    { ...policy, push: policy.push && !skipPush },
    { learn, owners: async () => [] },
  );
  const sources = createSources({ folder: configuration.environment.dataFolder, allowed: () => [] });
  const log = maskedLog(terminalLog(), redact);
  const deps = { sources, engine, access, log, onEvent: nothing, onLeftover: nothing };
  try {
    const elsewhere = nowhereElse(await engine.info(signal));
    const alone = { places: onePlace, elsewhere, beforePush: async () => {} };
    return await runBuild({ ...deps, ...alone }, spec, signal);
  } catch (error) {
    await sweep(engine, spec.mark, { images: true }).catch(nothing);
    throw error;
  }
}

async function specOf({ path, dockerfile }: BuildWish): Promise<BuildSpec> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UsageError(`there is no ${path}`);
  const folder = resolve(found.isDirectory() ? path : dirname(path));
  const bobfile = found.isDirectory()
    ? { path: 'Bobfile', required: false }
    : { path: basename(path), required: true };
  const repo = basename(folder) || 'image';
  return {
    mark: { store: 'docker-builder-cli', attempt: randomUUID() },
    source: { kind: 'folder', path: folder, ...(await gitFacts(folder)) },
    account: '',
    repo,
    ...(dockerfile === undefined && { bobfile }),
    image: {
      name: repo,
      ...(dockerfile !== undefined && { dockerfile }),
      context: '',
      tags: [],
      push: false,
      builder: 'auto',
      platforms: [],
      secrets: [],
      cache: { from: [], to: [], inline: false },
      depends: [],
      options: {},
    },
    resources: {},
    limits: { contextBytes: 64 * 1024 ** 3, contextEntries: 10_000_000, gitTimeoutMs: 60_000 },
  };
}

/** Of a folder that is a working copy. */
async function gitFacts(folder: string): Promise<Pick<FolderSource, 'commit' | 'branch' | 'tag'>> {
  const [commit, branch, tag, changes] = await Promise.all([
    askGit(folder, 'rev-parse', '--verify', '--quiet', 'HEAD'),
    askGit(folder, 'symbolic-ref', '--short', '--quiet', 'HEAD'),
    askGit(folder, 'describe', '--always', '--tags', '--dirty'),
    askGit(folder, 'status', '--porcelain', '--', '.'),
  ]);
  if (commit !== undefined && changes !== '')
    process.stderr.write(
      `docker-builder: ${folder} has changes that are not in its commit; they are built\n`,
    );
  return given({ commit, branch, tag });
}

/** Waits where the terminal is slower than the build. */
function terminalLog(): LogSink {
  let congested: Promise<void> | undefined;
  return {
    append(stream, block) {
      const out = stream === 'stderr' ? process.stderr : process.stdout;
      if (out.write(block) || congested) return;
      congested = new Promise((done) => {
        out.once('drain', () => {
          congested = undefined;
          done();
        });
      });
    },
    get congested() {
      return congested;
    },
  };
}

function show({ images }: BuildResult): void {
  for (const { id, tags, pushed = [] } of images) {
    process.stdout.write(`built ${id} ${tags.join(' ')}\n`);
    for (const { repository, digest } of pushed) process.stdout.write(`pushed ${repository}@${digest}\n`);
  }
}
