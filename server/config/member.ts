import { engineLabel, engineLabels } from './engineSchema.ts';

/** Also what an engine that the settings do not name is called, on PostgreSQL. */
export const memberName = engineLabel;

/** `a=b,c=d`; `platform` may hold several, with commas. Undefined where it is no such text. */
export function readLabels(text: string): Readonly<Record<string, string>> | undefined {
  const labels: [name: string, value: string][] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const last = labels.at(-1);
    const equals = part.indexOf('=');
    if (equals > 0) labels.push([part.slice(0, equals), part.slice(equals + 1)]);
    else if (equals < 0 && part !== '' && last?.[0] === 'platform') last[1] += `,${part}`;
    else return undefined;
  }
  const isTwice = new Set(labels.map(([name]) => name)).size < labels.length;
  return isTwice ? undefined : Object.fromEntries(labels);
}

/** What is wrong with them, as the end of a sentence; undefined for what engines take. */
export function labelsProblem(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  if (!labels) return 'must be name=value,name=value, each name once';
  const { error } = engineLabels.safeParse(labels);
  return error && 'must have names of letters, digits, ".", "_" and "-", and values of 1 to 255 characters';
}
