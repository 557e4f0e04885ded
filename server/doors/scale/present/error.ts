import type { RunReason } from '../../../words/reasons.ts';
import { reasonKinds } from '../../../words/reasons.ts';
import { errorCatalogue, type ErrorName, errorOfReason, type KnownError } from './errorCatalogue.ts';
import { timeOf } from './times.ts';

/** Since when there is the catalogue: its entries are part of the program, and have no times of their own. */
const cataloguedAt = Date.UTC(2025, 0, 1);

export interface ErrorBrief {
  id: number;
  name: ErrorName;
  title: string;
  description: string;
  category: KnownError['category'];
  is_builtin: true;
}

/** Why an attempt or a run failed; a reason that nobody knows, or none at all, is `unknown`. */
export function errorBrief(reason: string | null): ErrorBrief {
  return briefOf(errorNamed(reason));
}

/** The same with its times. */
export function errorDetail(reason: string | null): object {
  return detailOf(errorNamed(reason));
}

/** An entry of the catalogue, as its own list shows it. */
export function detailOf(name: ErrorName): object {
  const at = timeOf(cataloguedAt);
  return { ...briefOf(name), created: at, last_modified: at };
}

/** The entry of this number; undefined where there is none. */
export function errorById(id: number): ErrorName | undefined {
  return errorNames.find((name) => errorCatalogue[name].id === id);
}

export const errorNames = (Object.keys(errorCatalogue) as ErrorName[]).toSorted(
  (a, b) => errorCatalogue[a].id - errorCatalogue[b].id,
);

/** The reasons whose error is of one of some categories. */
export function reasonsOfCategories(categories: readonly string[]): RunReason[] {
  const reasons = Object.keys(reasonKinds) as RunReason[];
  return reasons.filter((reason) => categories.includes(errorCatalogue[errorOfReason[reason]].category));
}

function errorNamed(reason: string | null): ErrorName {
  return reason !== null && Object.hasOwn(errorOfReason, reason)
    ? errorOfReason[reason as RunReason]
    : 'unknown';
}

function briefOf(name: ErrorName): ErrorBrief {
  const { id, title, description, category }: KnownError = errorCatalogue[name];
  return { id, name, title, description, category, is_builtin: true };
}
