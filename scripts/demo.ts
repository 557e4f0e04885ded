// `make demo`: the whole way from a request to an image, on a real Docker Engine, with the log in this terminal.
// With ONCE=1 in the environment it exits after the build, with 0 when there is an image and 1 when not.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveRepositories } from '../examples/git-server.ts';
import { findBusybox } from './demo/busybox.ts';
import { findEngine } from './demo/engine.ts';
import { follow } from './demo/follow.ts';
import { askForBuild, cancel, curlOf, getJob, type Job } from './demo/job.ts';
import { installPackages } from './demo/packages.ts';
import { makeRepository } from './demo/repository.ts';
import { startServer } from './demo/server.ts';
import { nextSteps, outcomeOf } from './demo/summary.ts';
import { printLogLine, say } from './demo/terminal.ts';

/** Runs the demo; true when the build made an image. Whatever it started is gone when it settles. */
async function demo(stopped: AbortSignal): Promise<boolean> {
  await installPackages('git');
  await using parts = new AsyncDisposableStack();
  const engine = parts.use(await findEngine(say));
  say(`Docker Engine ${engine.version} at ${engine.host}`);

  const folder = await mkdtemp(path.join(tmpdir(), 'docker-builder-demo-'));
  parts.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const repositories = path.join(folder, 'repositories');
  await makeRepository(repositories, await findBusybox(folder, say));
  const git = await serveRepositories(repositories);
  parts.defer(() => git.close());
  say(`examples/hello is served as ${git.url}/examples/hello.git`);

  const plan = { folder, engine: engine.host, gitUrl: `${git.url}/{account}/{repo}.git` };
  const server = parts.use(await startServer(plan, stopped));
  say(`docker-builder listens on ${server.url}`);

  const died = server.died.then((sentence) => Promise.reject(new Error(sentence)));
  const job = await Promise.race([build(server.url, stopped), died]);
  if (process.env['ONCE']) return job.status === 'completed';

  console.log(`\n${nextSteps(job, { url: server.url, isPrivate: engine.isPrivate })}\n`);
  say('Ctrl-C stops the server and removes everything else');
  await Promise.race([once(stopped, 'abort'), died]);
  return job.status === 'completed';
}

/** Asks for a build and shows its log; a build that is left before its end is canceled. */
async function build(url: string, stopped: AbortSignal): Promise<Job> {
  const startedAt = Date.now();
  console.log(`\n$ ${curlOf(url)}\n`);
  const { id } = await askForBuild(url);
  try {
    await follow(url, id, printLogLine, stopped);
  } catch (error) {
    await cancel(url, id).catch(() => undefined);
    throw error;
  }
  const job = await getJob(url, id);
  console.log(`\n${outcomeOf(job, Date.now() - startedAt)}\n`);
  return job;
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

try {
  const isBuilt = await demo(stop.signal);
  process.exitCode = isBuilt ? 0 : 1;
} catch (error) {
  if (!stop.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
if (stop.signal.aborted) say('Everything is stopped and removed');
