import { isSafeRef } from '../../../builder/model/gitRef.ts';
import { requiredTextAt, textAt, valueAt } from '../../http/payload.ts';
import type { NamedSubmission } from '../../room/submit/submission.ts';
import { Problem } from '../../words/problems.ts';

/** What a notification of Travis asks for: a build of the commit that passed. Throws a Problem for any other. */
export function parseTravis(payload: unknown): NamedSubmission {
  if ((valueAt(payload, 'status') ?? 0) !== 0)
    throw new Problem('conflict', 'the Travis build did not pass: its status is not 0');
  if (textAt(payload, 'type') === 'pull_request')
    throw new Problem('conflict', 'builds of pull requests are not taken: only pushes are');
  const ref = requiredTextAt(payload, 'commit');
  if (!isSafeRef(ref)) throw new Problem('field_invalid', 'commit is no commit id', { field: 'commit' });
  const branch = textAt(payload, 'branch');
  return {
    job: {
      project: requiredTextAt(payload, 'repository.owner_name'),
      slug: requiredTextAt(payload, 'repository.name'),
    },
    ref,
    trigger: 'webhook',
    request: branch !== undefined && isSafeRef(branch) ? { branch } : {},
  };
}
