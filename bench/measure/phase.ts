import type { Phase, PhaseRecord } from '../../builder/model/spec.ts';
import type { TestServer } from '../../test/fixtures/server.ts';

/** How long a phase of a job's last attempt took, in milliseconds. */
export async function phaseMs(server: TestServer, id: string, wanted: Phase): Promise<number> {
  const response = await server.request(`/jobs/${id}/attempts`);
  const attempts = (await response.json()) as { phases: PhaseRecord[] }[];
  const record = attempts.at(-1)?.phases.find(({ phase }) => phase === wanted);
  if (record?.endedAt === undefined) throw new Error(`job ${id} has no ended phase ${wanted}`);
  return record.endedAt - record.startedAt;
}
