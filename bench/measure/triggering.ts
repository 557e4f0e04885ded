import type { TestServer } from '../../test/fixtures/server.ts';

/** A job of a server that nobody works on; gives its id. */
export async function pausedJob(server: TestServer): Promise<string> {
  const job = await post(server, '/v1/jobs', {
    project_id: 'bench',
    name: 'noop',
    slug: 'noop',
    endpoint_url: 'https://example.com/',
  });
  await post(server, `/v1/jobs/${job.id}/pause`, {});
  return job.id;
}

/** A load of triggers of a job over so many connections. */
export function triggersOf(server: TestServer, jobId: string, connections: number) {
  return {
    url: `${server.url}/v1/jobs/${jobId}/trigger`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ payload: { user: 'u1', count: 3 } }),
    connections,
  } as const;
}

export async function post<Answer extends { id: string }>(
  server: TestServer,
  path: string,
  body: object,
): Promise<Answer> {
  const response = await server.request(path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
