import type { BuildRequest, JobView } from '../../test/fixtures/jobs.ts';
import type { TestServer } from '../../test/fixtures/server.ts';

export interface SyncBuild {
  job: JobView;
  /** From the request to its answer. */
  ms: number;
}

/** One `POST /jobs` that waits for the image, as a user would send it. */
export async function syncBuild(server: TestServer, repo: string): Promise<SyncBuild> {
  const request: BuildRequest = { account: 'acme', repo, ref: 'main', sync: true };
  const startedAt = performance.now();
  const response = await server.request('/jobs', { method: 'POST', body: JSON.stringify(request) });
  const job = (await response.json()) as JobView;
  const ms = performance.now() - startedAt;
  if (response.status !== 201) throw new Error(`the build of ${repo} did not complete: ${job.error}`);
  return { job, ms };
}
