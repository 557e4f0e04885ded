import type { TestServer } from '../../test/fixtures/server.ts';

/** Makes the job of a repository before its first build, with wishes that `POST /jobs` has no words for. */
export async function makeImageJob(server: TestServer, repo: string, wishes: object): Promise<void> {
  const body = { name: repo, image: { source: { account: 'acme', repo, ref: 'main' }, ...wishes } };
  const response = await server.request('/v1/jobs', { method: 'POST', body: JSON.stringify(body) });
  if (response.status !== 201) throw new Error(`the job ${repo} was not made: ${await response.text()}`);
}
