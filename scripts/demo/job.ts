import { z } from 'zod';

const image = z.object({
  id: z.string(),
  tags: z.array(z.string()),
  bytes: z.number(),
  steps: z.array(
    z.object({
      number: z.number(),
      total: z.number(),
      instruction: z.string(),
      cached: z.boolean(),
      durationMs: z.number().optional(),
    }),
  ),
});

const job = z.object({
  id: z.string(),
  status: z.string(),
  commit: z.string().optional(),
  error: z.string().optional(),
  reason: z.string().optional(),
  image: image.optional(),
});

/** What the demo reads of a job. */
export type Job = z.infer<typeof job>;
export type Image = z.infer<typeof image>;

/** What the demo asks for. */
export const request = { account: 'examples', repo: 'hello', ref: 'main' };

/** The request for a build, as a user would type it. */
export function curlOf(url: string): string {
  return `curl -s -XPOST ${url}/jobs -d '${JSON.stringify(request)}'`;
}

/** Asks the server at `url` for a build. */
export async function askForBuild(url: string): Promise<Job> {
  const answer = await fetch(`${url}/jobs`, {
    method: 'POST',
    body: JSON.stringify(request),
    signal: patience(),
  });
  if (answer.status !== 202) throw new Error(`POST /jobs answered ${answer.status}: ${await answer.text()}`);
  return job.parse(await answer.json());
}

export async function getJob(url: string, id: string): Promise<Job> {
  const answer = await fetch(`${url}/jobs/${id}`, { signal: patience() });
  if (!answer.ok) throw new Error(`GET /jobs/${id} answered ${answer.status}: ${await answer.text()}`);
  return job.parse(await answer.json());
}

/** Cancels a build; one that has ended already does not mind. */
export async function cancel(url: string, id: string): Promise<void> {
  const answer = await fetch(`${url}/jobs/${id}`, { method: 'DELETE', signal: patience() });
  await answer.body?.cancel();
}

function patience(): AbortSignal {
  return AbortSignal.timeout(15_000);
}
