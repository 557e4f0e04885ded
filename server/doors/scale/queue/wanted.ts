import { given } from '../../../../builder/model/given.ts';
import type { RunListFilter } from '../../../store/contract/executions.ts';
import type { Identity } from '../../../words/scopes.ts';
import { mostNumber } from '../answer.ts';
import { type Body, optionalInteger, optionalIntegers, optionalText, optionalTexts } from '../body.ts';
import { ofEnds, ofKinds, ownRuns } from '../jobs/filter.ts';
import { badRequest } from '../problems.ts';
import { timeRangeOf } from '../query/instants.ts';

/** What jobs can be asked for by. */
export const filterNames = [
  'job_ids',
  'status',
  'started',
  'ended',
  'job_type_ids',
  'job_type_names',
  'job_type_categories',
  'error_categories',
] as const;
/** That one request may name. */
const mostIds = 1000;
/** The page sends the address along. */
const otherNames = ['priority', 'url'];

/** Which jobs one request is about, by their numbers or by what they have in common. */
export interface Wanted {
  filter: RunListFilter;
  /** Whether they are named one by one. */
  isByNumber: boolean;
}

/** The filters of a request's body, which are the same for a requeue and a cancel. Throws a Problem (400). */
export function wantedOf(body: Body, identity: Identity, now: number): Wanted {
  refuseUnknown(body);
  const keys = ids(body, 'job_ids');
  const statuses = optionalTexts(body, 'status');
  const filter: RunListFilter = {
    ...ownRuns(identity),
    ...timeRangeOf(rangeIn(body), now),
    ...given({ keys, jobKeys: ids(body, 'job_type_ids'), slugs: optionalTexts(body, 'job_type_names') }),
    ...ofKinds(optionalTexts(body, 'job_type_categories')),
    ...ofEnds(statuses, optionalTexts(body, 'error_categories')),
  };
  return { filter, isByNumber: keys !== undefined };
}

/** Ours is higher the sooner: 100 and what is above is usual, 0 and what is below the most urgent. */
export function priorityIn(body: Body): number | undefined {
  const priority = optionalInteger(body, 'priority');
  return priority === undefined ? undefined : Math.min(10, Math.max(0, Math.round((100 - priority) / 10)));
}

/** A filter that is not known would leave more jobs than were meant. */
function refuseUnknown(body: Body): void {
  const known: ReadonlySet<string> = new Set([...filterNames, ...otherNames]);
  const unknown = Object.keys(body).filter((name) => !known.has(name));
  if (unknown.length > 0) throw badRequest(`Unexpected fields: ${unknown.join(', ').slice(0, 500)}`);
}

/** What no number of a row can be is left out. */
function ids(body: Body, name: string): number[] | undefined {
  const named = optionalIntegers(body, name);
  if (named && named.length > mostIds)
    throw badRequest(`Parameter must have ${mostIds} values at most: "${name}"`);
  return named?.filter((id) => id >= 1 && id <= mostNumber);
}

function rangeIn(body: Body): URLSearchParams {
  const range = new URLSearchParams();
  for (const name of ['started', 'ended']) {
    const text = optionalText(body, name);
    if (text !== undefined) range.set(name, text);
  }
  return range;
}
