import type { Room } from '../../../room/room.ts';
import type { Execution, ListedRun } from '../../../store/contract/executions.ts';
import { inputsOf } from '../jobs/data.ts';
import { jobDetails } from '../jobs/details.ts';
import { newestExecutions, type ShowExecutions } from '../jobs/executions.ts';
import { jobDetail } from '../present/job.ts';
import { nodeBrief } from '../present/node.ts';
import { productsOf } from '../present/results.ts';
import { executionDetailV6, executionJsonV6 } from './execution.ts';

/** Runs as version 6 lists them, each with its newest attempt. */
export async function jobsJsonV6(room: Room, runs: readonly ListedRun[]): Promise<object[]> {
  const newest = await newestExecutions(
    room,
    runs.map(({ run }) => run),
  );
  return runs.map((listed, index) => {
    const execution = newest[index] ?? null;
    return {
      ...jobDetail(listed),
      ...ownFields(execution),
      execution: execution && executionJsonV6(execution),
    };
  });
}

/** A run with all that the page of version 6 shows, and what version 3 does. */
export async function jobDetailsV6(room: Room, listed: ListedRun, show: ShowExecutions): Promise<object> {
  const { run } = listed;
  const [newest = null] = await newestExecutions(room, [run]);
  const { payload, output } = await room.store.read.runBody(run.id);
  const given = inputsOf(run, payload).map(({ name, value }) => [name, value] as const);
  return {
    ...(await jobDetails(room, listed, show)),
    ...ownFields(newest),
    input: { version: '7', files: {}, json: Object.fromEntries(given) },
    output: {
      version: '7',
      files: filesOf(listed),
      json: output === null ? {} : { output: JSON.parse(output) as unknown },
    },
    resources: { version: '1.0', resources: {} },
    configuration: {},
    execution: newest && executionDetailV6(newest, output),
  };
}

/** Nothing supersedes a job here in the way of that version, and no job is of a recipe or a batch. */
function ownFields(newest: Execution | null): object {
  return {
    node: newest?.engine ? nodeBrief(newest.engine) : null,
    recipe: null,
    batch: null,
    input_file_size: null,
    is_superseded: false,
    superseded_job: null,
    superseded: null,
  };
}

function filesOf({ run }: ListedRun): object {
  const products = productsOf(run);
  return products.length === 0 ? {} : { image: products.map(({ id }) => id) };
}
