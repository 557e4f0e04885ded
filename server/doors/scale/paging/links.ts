import type { Page } from './page.ts';

/** Addresses of the pages beside one, or null. `address` is the whole address of the list without its query. */
export function linksOf(
  address: string,
  query: URLSearchParams,
  { number, of }: Page,
): { next: string | null; previous: string | null } {
  return {
    next: number < of ? pageLink(address, query, number + 1) : null,
    previous: number > 1 ? pageLink(address, query, number - 1) : null,
  };
}

/** The query as the original writes it anew: by name, without what is blank, and without a first page's number. */
function pageLink(address: string, query: URLSearchParams, page: number): string {
  const kept = [...query].filter(([name, value]) => name !== 'page' && value !== '');
  if (page > 1) kept.push(['page', String(page)]);
  const sorted = kept.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  // The original escapes the asterisk too.
  const text = new URLSearchParams(sorted).toString().replaceAll('*', '%2A');
  return text === '' ? address : `${address}?${text}`;
}
