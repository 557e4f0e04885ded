import type { Room } from '../../../room/room.ts';
import type { ListedRun } from '../../../store/contract/executions.ts';
import { resultsJson } from '../executions/outcome.ts';
import { errorDetail } from '../present/error.ts';
import { jobDetail } from '../present/job.ts';
import { outputsOf, productsOf } from '../present/results.ts';
import { dataOf, inputsOf } from './data.ts';
import { newestFirst, type ShowExecutions, withReferences } from './executions.ts';

/** Attempts that the page of a job shows, the newest of them. */
const mostExecutions = 1000;

/** A run with all that its page shows. */
export async function jobDetails(
  { store }: Room,
  listed: ListedRun,
  show: ShowExecutions,
): Promise<Record<string, unknown>> {
  const { run } = listed;
  const [{ payload, output }, executions] = await Promise.all([
    store.read.runBody(run.id),
    store.read.executions({ runId: run.id }, newestFirst, { offset: 0, limit: mostExecutions }),
  ]);
  const [newest] = executions;
  const inputs = inputsOf(run, payload);
  const detail = jobDetail(listed);
  return {
    ...detail,
    error: detail['error'] === null ? null : errorDetail(run.reason),
    data: dataOf(inputs),
    results: newest ? resultsJson(newest, output) : {},
    recipes: [],
    job_exes: (await show(executions)).map(withReferences),
    inputs: inputs.map((input) => ({ name: input.name, type: 'property', value: input.value })),
    outputs: outputsOf(run, output),
    input_files: [],
    products: productsOf(run),
  };
}
