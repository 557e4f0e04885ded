import { given } from '../../../../builder/model/given.ts';
import type { RunListFilter } from '../../../store/contract/executions.ts';
import { type RunState, runStates } from '../../../words/run.ts';
import type { Identity } from '../../../words/scopes.ts';
import { reasonsOfCategories } from '../present/error.ts';
import { kindsOf } from '../present/jobType.ts';
import { jobStatus, runStatesOf } from '../present/statuses.ts';
import { timeRangeOf } from '../query/instants.ts';
import { filledOf, idsOf, textsOf } from '../query/values.ts';

/** The jobs that a query asks for, of those that one sees. Throws a Problem (400), for the first mistake. */
export function jobFilterOf(query: URLSearchParams, identity: Identity, now: number): RunListFilter {
  const range = timeRangeOf(query, now);
  const numbers = { keys: idsOf(query, 'job_id'), jobKeys: idsOf(query, 'job_type_id') };
  return {
    ...ownRuns(identity),
    ...range,
    ...given({ ...numbers, slugs: textsOf(query, 'job_type_name') }),
    ...ofKinds(textsOf(query, 'job_type_category')),
    ...ofEnds(filledOf(query, 'status'), filledOf(query, 'error_category')),
  };
}

/** What an identity sees: its own project only, or all. */
export function ownRuns(identity: Identity): Pick<RunListFilter, 'project'> {
  return identity.kind === 'key' && identity.project !== null ? { project: identity.project } : {};
}

export function ofKinds(categories: readonly string[] | undefined): Pick<RunListFilter, 'kinds'> {
  return categories ? { kinds: kindsOf(categories) } : {};
}

/** Statuses, and categories of errors, which only failed jobs have. */
export function ofEnds(
  statuses: readonly string[] | undefined,
  categories: readonly string[] | undefined,
): Pick<RunListFilter, 'states' | 'reasons'> {
  const states = statuses?.flatMap(runStatesOf);
  if (!categories) return given({ states });
  const failed = (states ?? runStates).filter((state: RunState) => jobStatus(state) === 'FAILED');
  return { states: failed, reasons: reasonsOfCategories(categories) };
}
