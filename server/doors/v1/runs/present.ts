import type { Room } from '../../../room/room.ts';
import type { Reads } from '../../../store/store.ts';
import type { Run, RunBody } from '../../../words/run.ts';
import { runJson } from '../present/run.ts';

/** Runs whose payloads are read together. */
const chunk = 10;
/** A list shows payloads and results until it holds this much of them. */
const mostText = 4 * 1024 * 1024;
const nothing: RunBody = { payload: null, output: null };

export async function oneRunJson(room: Room, run: Run): Promise<object> {
  const { read } = room.store;
  const [body, versionId] = await Promise.all([read.runBody(run.id), versionIdOf(read, run)]);
  return runJson(run, { body, versionId, whole: true });
}

/** Runs as a list shows them. */
export async function runsJson({ store: { read } }: Room, runs: readonly Run[]): Promise<object[]> {
  const bodies = await bodiesOf(read, runs);
  const versions = new Map<string, Promise<string | undefined>>();
  const versionOf = (run: Run): Promise<string | undefined> => {
    const name = `${run.jobId} ${run.jobVersion}`;
    const known = versions.get(name) ?? versionIdOf(read, run);
    versions.set(name, known);
    return known;
  };
  return Promise.all(
    runs.map(async (run, index) =>
      runJson(run, { body: bodies[index] ?? nothing, versionId: await versionOf(run) }),
    ),
  );
}

async function bodiesOf(read: Reads, runs: readonly Run[]): Promise<RunBody[]> {
  const bodies: RunBody[] = [];
  let left = mostText;
  for (let start = 0; start < runs.length && left > 0; start += chunk) {
    const ids = runs.slice(start, start + chunk).map(({ id }) => id);
    for (const body of await read.runBodies(ids)) {
      left -= (body.payload?.length ?? 0) + (body.output?.length ?? 0);
      bodies.push(left < 0 ? nothing : body);
    }
  }
  return bodies;
}

async function versionIdOf(read: Reads, { jobId, jobVersion }: Run): Promise<string | undefined> {
  return (await read.jobVersionNumber(jobId, jobVersion))?.versionId;
}
