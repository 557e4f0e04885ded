import { badRequest } from '../problems.ts';
import { lastOf } from './values.ts';

/** Whether a parameter says yes; a blank one, and one that is not there, says no. 400 for what is neither. */
export function flagOf(query: URLSearchParams, name: string): boolean {
  const text = lastOf(query, name)?.toLowerCase() ?? '';
  if (['', 'false', 'f', '0'].includes(text)) return false;
  if (['true', 't', '1'].includes(text)) return true;
  throw badRequest(`Parameter must be a valid boolean: "${name}"`);
}
