import { Problem } from '../words/problems.ts';

/** What stands at a dotted path of a parsed JSON value; undefined where there is nothing. */
export function valueAt(payload: unknown, path: string): unknown {
  return path.split('.').reduce(member, payload);
}

/** A text that is not empty, at a dotted path; undefined where there is none. */
export function textAt(payload: unknown, path: string): string | undefined {
  const value = valueAt(payload, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The same, but a payload without it is refused. */
export function requiredTextAt(payload: unknown, path: string): string {
  const text = textAt(payload, path);
  if (text === undefined)
    throw new Problem('field_missing', `${path} is missing from the payload`, { field: path });
  return text;
}

/** The JSON of a webhook: the body itself, or the field `payload` of a form. */
export function webhookPayload(body: Buffer, contentType: string | undefined): unknown {
  const text = body.toString('utf8');
  const isForm = contentType?.startsWith('application/x-www-form-urlencoded') === true;
  const json = isForm ? new URLSearchParams(text).get('payload') : text;
  try {
    return JSON.parse(json ?? '');
  } catch (error) {
    const where = isForm ? "the form's field payload" : 'the body';
    throw new Problem('bad_json', `${where} is not valid JSON`, { field: 'payload', cause: error });
  }
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
