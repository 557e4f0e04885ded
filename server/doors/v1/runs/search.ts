import type { RunSearch } from '../../../store/contract/runs.ts';
import { Problem } from '../../../words/problems.ts';
import {
  runStatuses,
  statesOf,
  triggerSources,
  triggersOf,
  reasonsOf,
  unusedStatuses,
} from '../present/runWords.ts';
import { isPlain } from '../project.ts';

const longestText = 1000;

/** What a query asks for, its project and job apart. Throws a Problem: 400. */
export function searchOf(query: URLSearchParams): RunSearch {
  const words = {
    states: listOf(query, 'status', statesOf, [...runStatuses, ...unusedStatuses]),
    triggers: listOf(query, 'triggered_by', triggersOf, triggerSources),
    reasons: listOf(query, 'error_class', reasonsOf, []),
  };
  const batchId = textOf(query, 'batch_id');
  return {
    ...(words.states && { states: words.states }),
    ...(words.triggers && { triggers: words.triggers }),
    ...(words.reasons && { reasons: words.reasons }),
    ...(batchId !== undefined && { batchId }),
    ...membersOf(query, 'tags', 'tag'),
    ...membersOf(query, 'metadata', 'metadata'),
    ...payloadOf(query),
  };
}

/** What any of the words stands for; several are given one after the other or with commas. */
function listOf<T>(
  query: URLSearchParams,
  field: string,
  meaning: (word: string) => readonly T[] | undefined,
  known: readonly string[],
): T[] | undefined {
  const words = query
    .getAll(field)
    .flatMap((text) => text.split(','))
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  return words.flatMap((word) => {
    const found = meaning(word);
    if (found) return found;
    const choice = known.length === 0 ? 'is not known' : `must be one of: ${known.join(', ')}`;
    throw new Problem('bad_request', `${field} ${choice}`, { field });
  });
}

/** `tag_key=…&tag_value=…`, and `tags[…]=…` as often as wanted. */
function membersOf(query: URLSearchParams, name: 'tags' | 'metadata', prefix: string): RunSearch {
  const [key, value] = [textOf(query, `${prefix}_key`), query.get(`${prefix}_value`)];
  if (key === undefined && value !== null)
    throw new Problem('bad_request', `${prefix}_key is required when ${prefix}_value is provided`, {
      field: `${prefix}_key`,
    });
  const bracketed = [...query].flatMap(([field, text]) => {
    const inner = /^(tags|metadata)\[(.+)\]$/.exec(field);
    return inner?.[1] === name ? [{ key: inner[2] ?? '', value: text }] : [];
  });
  const pair = key === undefined ? [] : [{ key, ...(value !== null && { value }) }];
  const members = [...pair, ...bracketed];
  return members.length === 0 ? {} : { [name]: members };
}

/** A JSON object that the payload must contain, or a text that must stand in it. */
function payloadOf(query: URLSearchParams): RunSearch {
  const text = textOf(query, 'payload_contains');
  if (text === undefined) return {};
  const members = asObject(text);
  return members ? { payloadMembers: members } : { payloadContains: text };
}

function asObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(query: URLSearchParams, field: string): string | undefined {
  const text = query.get(field) ?? '';
  if (text.length > longestText || !isPlain(text))
    throw new Problem('bad_request', `${field} is too long, or has characters of control`, { field });
  return text === '' ? undefined : text;
}
