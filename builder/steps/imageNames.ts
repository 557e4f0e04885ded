import type { Access } from '../model/access.ts';
import { BuildFault } from '../model/faults.ts';
import { imageName, usualTags } from '../model/imageName.ts';
import { parseImageReference } from '../model/imageReference.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import type { BuildSpec } from '../model/spec.ts';
import { renderTag } from '../model/tagTemplate.ts';
import type { SourceTree } from '../model/tree.ts';

export interface ImageNames {
  /** Without a tag. */
  repository: string;
  tags: string[];
}

/** What an image is called. Throws a BuildFault `image_name_refused`, or `bobfile_invalid` for a macro without a value. */
export async function imageNames(
  spec: BuildSpec,
  tree: SourceTree,
  plan: ImagePlan,
  access: Pick<Access, 'refusedName' | 'refusedRegistry' | 'realNames'>,
): Promise<ImageNames> {
  const named = imageName(spec.account, plan.name);
  if (plan.repository !== undefined) refuseName(plan.repository, access);
  const repository = access.realNames ? (plan.repository ?? named) : `${proposed}/${named}`;
  return { repository, tags: await tagsOf(spec, tree, plan) };
}

/** No account is called so: `imageName` folds what stands together. */
const proposed = 'proposed--change';

function refuseName(
  repository: string,
  { refusedName, refusedRegistry }: Pick<Access, 'refusedName' | 'refusedRegistry'>,
): void {
  const host = parseImageReference(repository)?.host ?? '';
  const refused = refusedRegistry(host) ?? refusedName(repository);
  if (refused !== undefined) throw new BuildFault('image_name_refused', refused);
}

async function tagsOf(spec: BuildSpec, tree: SourceTree, plan: ImagePlan): Promise<string[]> {
  const branch = spec.branch ?? tree.refName;
  if (plan.tags.length === 0) return usualTags(tree.commit, branch);
  const tag = plan.tags.some((one) => /tag|short/.test(one)) ? await tree.describe?.() : undefined;
  const facts = {
    ...(tree.commit !== undefined && { commit: tree.commit }),
    ...(branch !== undefined && { branch }),
    ...(tag !== undefined && { tag }),
    now: new Date(),
  };
  return [...new Set(plan.tags.map((template) => renderTag(template, facts)))];
}
