import type { DefinitionWish } from '../../../room/jobs/definition.ts';
import type { JobDefinition } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import { type Identity, sees } from '../../../words/scopes.ts';

/**
 * An image is named by the account of its source, so whoever has a key sets no account but its own project: images of
 * other projects would be replaced. What the job has `before` may stay. Throws a Problem: forbidden.
 */
export function refuseForeignAccount(
  identity: Identity,
  { image }: DefinitionWish,
  before?: JobDefinition,
): void {
  const account = image?.source?.account;
  if (account === undefined || account === before?.image?.source.account || sees(identity, account)) return;
  throw new Problem('forbidden', `the key is for another project than ${account}`, {
    field: 'image.source.account',
  });
}
