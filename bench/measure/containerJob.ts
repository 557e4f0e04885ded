import type { TestEngine } from '../../test/fixtures/engine.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { runProgram } from './program.ts';

const project = 'bench';

/** Makes a job that runs a command in busybox; gives its id. */
export async function makeContainerJob(
  server: TestServer,
  slug: string,
  command: readonly string[],
): Promise<string> {
  const container = { image: 'busybox', command };
  const made = await post(server, '/v1/jobs', { project_id: project, name: slug, slug, container });
  return made.id;
}

/** Asks for a run of it, and reads the events of that run to their end. Gives the run's id. */
export async function runToEnd(server: TestServer, job: string): Promise<string> {
  const { id } = await post(server, `/v1/jobs/${job}/trigger`, {});
  const events = await server.request(`/v1/runs/${id}/stream`);
  // A run that has ended by now has no stream any more.
  if (events.status !== 410) await events.text();
  const run = (await (await server.request(`/v1/runs/${id}`)).json()) as { status: string; error?: string };
  if (run.status !== 'completed') throw new Error(`run ${id} is ${run.status}: ${run.error ?? ''}`);
  return id;
}

/** `docker run --rm`, as a person would type it; what it prints goes into a file where one is given. */
export async function runByHand(
  engine: TestEngine,
  command: readonly string[],
  into?: number,
): Promise<void> {
  const env = { PATH: process.env['PATH'], DOCKER_HOST: engine.host };
  await runProgram('docker', ['run', '--rm', 'busybox', ...command], {
    env,
    ...(into !== undefined && { into }),
  });
}

async function post(server: TestServer, path: string, body: object): Promise<{ id: string }> {
  const response = await server.request(path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}
