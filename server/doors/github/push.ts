import { isProposal, isSafeRef } from '../../../builder/model/gitRef.ts';
import { requiredTextAt, textAt, valueAt } from '../../http/payload.ts';
import type { NamedSubmission } from '../../room/submit/submission.ts';
import { Problem } from '../../words/problems.ts';

export type Push = { kind: 'build'; submission: NamedSubmission } | { kind: 'nothing'; reason: string };

/** What a push event asks for: a build of the commit that it ends at, or nothing where a branch was deleted. */
export function parsePush(payload: unknown): Push {
  const commit = requiredTextAt(payload, 'after');
  if (valueAt(payload, 'deleted') === true || /^0+$/.test(commit))
    return { kind: 'nothing', reason: 'the branch or tag was deleted: there is nothing to build' };
  const ref = textAt(payload, 'ref');
  // By its commit alone nobody could tell it from what was pushed to a branch.
  if (ref !== undefined && isProposal(ref))
    return { kind: 'nothing', reason: 'only what is pushed to branches and tags is built' };
  if (!/^[0-9a-f]{40,64}$/.test(commit))
    throw new Problem('field_invalid', 'after is no commit id', { field: 'after' });
  const branch = branchOf(ref);
  return {
    kind: 'build',
    submission: {
      job: {
        project:
          textAt(payload, 'repository.owner.name') ?? requiredTextAt(payload, 'repository.owner.login'),
        slug: requiredTextAt(payload, 'repository.name'),
      },
      ref: commit,
      trigger: 'webhook',
      request: branch === undefined ? {} : { branch },
    },
  };
}

/** The branch or tag that was pushed, so that its image tag follows it. */
function branchOf(ref: string | undefined): string | undefined {
  const name = ref?.replace(/^refs\/(heads|tags)\//, '');
  return name !== undefined && isSafeRef(name) ? name : undefined;
}
