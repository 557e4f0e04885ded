import { isSafeRef } from '../../../builder/model/gitRef.ts';
import type { NamedSubmission } from '../../room/submit/submission.ts';
import { Problem } from '../../words/problems.ts';
import { type Fields, flag, optionalCount, plainText, requiredText } from './fields.ts';

/** Linux knows no longer one. */
const longestPath = 4096;
const longestToken = 8192;

/** A build request of this door's document. */
export interface JobRequest extends NamedSubmission {
  /** The answer waits for the end of the run. */
  sync: boolean;
}

/** A request's body as a job; whatever its Content-Type says, because the document's own curl sends none of JSON's. */
export function parseJobRequest(body: Buffer): JobRequest {
  const fields = parseObject(body);
  const account = requiredText(fields, 'account');
  const repo = requiredText(fields, 'repo');
  const ref = parseRef(requiredText(fields, 'ref'));
  const depth = optionalCount(fields, 'depth');
  const bobfile = plainText(fields, 'bobfile', longestPath);
  const token = plainText(fields, 'api_token', longestToken);
  return {
    job: { project: account, slug: repo },
    ref,
    trigger: 'api',
    request: { ...(depth !== undefined && { depth }), ...(bobfile !== undefined && { bobfile }) },
    ...(token !== undefined && { token }),
    sync: flag(fields, 'sync'),
  };
}

/** The body as an object; its keys are taken in any case, as the original did. */
function parseObject(body: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Problem('bad_json', 'the body is not valid JSON: send {"account":…,"repo":…,"ref":…}', {
      field: 'body',
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem('bad_json', 'the body is not a JSON object: send {"account":…,"repo":…,"ref":…}', {
      field: 'body',
    });
  return Object.fromEntries(
    Object.entries(value).map(([key, field]): [string, unknown] => [key.toLowerCase(), field]),
  );
}

function parseRef(ref: string): string {
  if (!isSafeRef(ref))
    throw new Problem('field_invalid', 'ref is no name of a branch, tag or commit', { field: 'ref' });
  return ref;
}
