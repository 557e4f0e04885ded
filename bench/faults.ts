import { setTimeout as pause } from 'node:timers/promises';
import { closeSharedEngine, type TestEngine } from '../test/fixtures/engine.ts';
import { postJob, untilEnded } from '../test/fixtures/jobs.ts';
import { createRepository } from '../test/fixtures/repository.ts';
import type { TestServer } from '../test/fixtures/server.ts';
import { waitFor } from '../test/fixtures/waitFor.ts';
import type { World } from '../test/fixtures/world.ts';
import { checkouts, containers, controlGroups, linesOf } from './measure/leftovers.ts';
import { withWorld } from './measure/world.ts';

/**
 * Kills the server with SIGKILL again and again, at any moment, while builds are asked for; then every request that
 * was acknowledged must have come to exactly one end, and nothing of a dead attempt may be left anywhere.
 */
const rounds = Number(process.argv[2] ?? 100);
const longestLifeMs = 900;
const usualPauseMs = 250;

const repositories: Record<string, string> = {
  cached: 'FROM busybox\nRUN echo cached\n',
  slow: 'FROM busybox\nCOPY . /app\nRUN sleep 0.3 && date > /date\nRUN sleep 0.3\n',
  failing: 'FROM busybox\nRUN sleep 0.2 && exit 3\n',
};
/** How many jobs ended in which way. */
type Ends = Record<string, number>;

interface AttemptView {
  number: number;
  state: string;
}

const env = { DOCKER_BUILDER_LEASE: '2', DOCKER_BUILDER_CONCURRENCY: '3' };
try {
  console.log(JSON.stringify(await withWorld(killAgainAndAgain, { env })));
} finally {
  await closeSharedEngine();
}

async function killAgainAndAgain(world: World): Promise<object> {
  const { git, server } = world;
  for (const [name, dockerfile] of Object.entries(repositories))
    await createRepository(git, `acme/${name}`, { Dockerfile: dockerfile });
  const acknowledged = await liveAndDie(server);
  const wrong: string[] = [];
  const ends: Ends = {};
  for (const id of acknowledged) wrong.push(...(await mistakesOf(server, id, ends)));
  const left = await leftBehind(world);
  return {
    bench: 'faults',
    value: wrong.length + left.length,
    unit: 'mistakes',
    reach: 0,
    ok: wrong.length + left.length === 0,
    rounds,
    acknowledged: acknowledged.length,
    ends,
    wrong,
    left,
  };
}

/** Gives the ids of all jobs that the server said it had taken. */
async function liveAndDie(server: TestServer): Promise<string[]> {
  const acknowledged: string[] = [];
  const over = new AbortController();
  const names = Object.keys(repositories);
  const client = async (): Promise<void> => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      const repo = names[turn % names.length] ?? '';
      // A request that finds the server dead is not acknowledged, and not counted.
      const job = await postJob(server, { account: 'acme', repo, ref: 'main' }).catch(() => undefined);
      if (job) acknowledged.push(job.id);
      await pause(Math.random() * 2 * usualPauseMs);
    }
  };
  const clients = Promise.all([client(), client()]);
  for (let round = 0; round < rounds; round++) {
    await pause(Math.random() * longestLifeMs);
    await server.restart();
  }
  over.abort();
  await clients;
  return acknowledged;
}

/** What is wrong with the end of a job; nothing, where it has one and its attempts agree with that. */
async function mistakesOf(server: TestServer, id: string, ends: Ends): Promise<string[]> {
  const job = await untilEnded(server, id, 120_000);
  const attempts = (await (await server.request(`/jobs/${id}/attempts`)).json()) as AttemptView[];
  const { status, repo, reason = '' } = job;
  const end = `${status} ${reason}`.trim();
  ends[end] = (ends[end] ?? 0) + 1;
  const states = attempts.map(({ state }) => state).join(' ');
  const isNumbered = attempts.every(({ number }, index) => number === index + 1);
  if (isNumbered && rightEnds(repo).some((right) => right.end === end && right.states.test(states)))
    return [];
  return [`${repo} ${id}: ${end}, attempts ${states}`];
}

/** A kill loses the attempt that it meets; three lost ones are the end of the job, else it ends as what it is. */
function rightEnds(repo: string): { end: string; states: RegExp }[] {
  const lost = { end: 'errored lost', states: /^lost lost lost$/ };
  const own =
    repo === 'failing'
      ? { end: 'errored build_step_failed', states: /^(lost ){0,2}failed$/ }
      : { end: 'completed', states: /^(lost ){0,2}succeeded$/ };
  return [lost, own];
}

/** What is there although nothing runs: it gets some time to go. */
async function leftBehind({ engine, server }: World): Promise<string[]> {
  const results = await imagesOfCompleted(server);
  let left: string[] = [];
  await waitFor('what dead attempts left to be gone', async () => {
    const images = (await markedImages(engine)).filter((id) => !results.has(id));
    const rest = [containers(engine), checkouts(server), controlGroups(server)];
    left = [...images, ...(await Promise.all(rest)).flat()];
    return left.length === 0;
  }).catch(() => undefined);
  return left;
}

async function markedImages(engine: TestEngine): Promise<string[]> {
  const filter = ['--filter', 'label=docker-builder.store'];
  return linesOf(await engine.docker('images', '--all', '--quiet', '--no-trunc', ...filter));
}

async function imagesOfCompleted(server: TestServer): Promise<Set<string>> {
  const answer = await server.request('/jobs?status=completed&limit=all');
  const jobs = (await answer.json()) as Record<string, { image: { id: string } }>;
  return new Set(Object.values(jobs).map(({ image }) => image.id));
}
