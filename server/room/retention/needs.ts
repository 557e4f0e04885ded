import type { OldRun } from '../../store/contract/retention.ts';
import type { Reads } from '../../store/store.ts';

/** Says of ended runs why they must stay; undefined where nothing needs them. */
export interface Needs {
  /** Of a run with all that is kept of it. */
  ofRun(run: OldRun): Promise<string | undefined>;
  /** Of its log alone. */
  ofLog(run: OldRun): Promise<string | undefined>;
}

/** For one clean-up: what it asks of a job it asks once. */
export function createNeeds(read: Reads): Needs {
  const successes = new Map<string, ReturnType<Reads['lastSuccesses']>>();
  const dependents = new Map<string, ReturnType<Reads['dependents']>>();

  async function ofLog(run: OldRun): Promise<string | undefined> {
    const last = await once(successes, run.jobId, (jobId) => read.lastSuccesses(jobId));
    const family = new Set(last.flatMap(({ id, parentRunId }) => [id, parentRunId]));
    const belongs = family.has(run.id) || (run.parentRunId !== null && family.has(run.parentRunId));
    return belongs ? 'it belongs to the last success of its job' : undefined;
  }

  async function ofRun(run: OldRun): Promise<string | undefined> {
    const why = await ofLog(run);
    if (why !== undefined) return why;
    if (await isWaitedFor(run)) return 'a run waits for it';
    return (await hasOpenKin(run)) ? 'a run that belongs to it has not ended' : undefined;
  }

  /** A run that waits looks at the newest ended run that has its key: it may be this one. */
  async function isWaitedFor({ jobId, idempotencyKey, dependencyKey }: OldRun): Promise<boolean> {
    const metadata: Record<string, string> = dependencyKey === null ? {} : { dependency_key: dependencyKey };
    for (const dependent of await once(dependents, jobId, (id) => read.dependents(id))) {
      const page = { afterKey: 0, limit: 1 };
      const waiting = await read.waitingRunsFor(dependent.jobId, { idempotencyKey, metadata }, page);
      if (waiting.length > 0) return true;
    }
    return false;
  }

  async function hasOpenKin({ id, parentRunId }: OldRun): Promise<boolean> {
    if (await read.hasOpenChild(id)) return true;
    const parent = parentRunId === null ? undefined : await read.run(parentRunId);
    return parent?.completedAt === null;
  }

  return { ofRun, ofLog };
}

function once<T>(
  answers: Map<string, Promise<T>>,
  jobId: string,
  ask: (jobId: string) => Promise<T>,
): Promise<T> {
  const answer = answers.get(jobId) ?? ask(jobId);
  answers.set(jobId, answer);
  return answer;
}
