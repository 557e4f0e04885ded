import { isTooDeep, mostLevels } from '../../../words/depth.ts';
import type { Run } from '../../../words/run.ts';

/** One of the named values that a job was given. */
interface Input {
  name: string;
  value: unknown;
}

/** What a run was given, by name: the members of its payload, and the ref of a build. */
export function inputsOf(run: Pick<Run, 'kind' | 'ref'>, payload: string | null): Input[] {
  const named = new Map<string, unknown>(run.kind === 'image' ? [['ref', run.ref]] : []);
  for (const [name, value] of membersOf(payload)) named.set(name, value);
  return [...named].map(([name, value]) => ({ name, value }));
}

/** The same as a job's data. */
export function dataOf(inputs: readonly Input[]): object {
  return { version: '1.0', input_data: inputs, output_data: [] };
}

/** What is no object goes by the name `value`. */
function membersOf(payload: string | null): [string, unknown][] {
  if (payload === null) return [];
  const value: unknown = JSON.parse(payload);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.entries(value) : [['value', value]];
}

/**
 * The payload that a job's data asks for: its input values by their names. Undefined where it gives none: then the job
 * has none. A sentence where the data cannot be that.
 */
export function payloadOf(data: Record<string, unknown>): Record<string, unknown> | undefined | string {
  const { version = '1.0', input_data: inputs = [] } = data;
  if (version !== '1.0') return 'version must be "1.0"';
  if (!Array.isArray(inputs)) return 'input_data must be a list';
  const named = new Map<string, unknown>();
  for (const [index, input] of inputs.entries()) {
    const read = inputOf(input);
    if (typeof read === 'string') return `input_data[${index}] ${read}`;
    if (named.has(read.name)) return `input_data[${index}] has the name of another`;
    named.set(read.name, read.value);
  }
  return named.size === 0 ? undefined : Object.fromEntries(named);
}

function inputOf(input: unknown): Input | string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return 'must be an object';
  const { name, value, ...others } = input as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') return 'must have a name';
  if ('file_id' in others || 'file_ids' in others) return 'names a file: only values are taken here';
  if (isTooDeep(value)) return `has a value that is nested too deeply (max ${mostLevels} levels)`;
  return value === undefined ? 'must have a value' : { name, value };
}
