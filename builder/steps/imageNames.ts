import type { Access } from '../model/access.ts';
import { BuildFault } from '../model/faults.ts';
import { given } from '../model/given.ts';
import { imageName, usualTags } from '../model/imageName.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import { platformTag } from '../model/platform.ts';
import type { BuildSpec } from '../model/spec.ts';
import { renderTag } from '../model/tagTemplate.ts';
import type { SourceTree } from '../model/tree.ts';

export interface ImageNames {
  /** Without a tag. */
  repository: string;
  tags: readonly string[];
}

/** What an image is called. Throws a BuildFault `image_name_refused`, or `bobfile_invalid` for a macro without a value. */
export async function imageNames(
  spec: BuildSpec,
  tree: SourceTree,
  plan: ImagePlan,
  access: Pick<Access, 'refusedName' | 'realNames'>,
): Promise<ImageNames> {
  const named = imageName(spec.account, plan.name);
  const refused = plan.repository && (await access.refusedName(plan.repository));
  if (refused !== undefined) throw new BuildFault('image_name_refused', refused);
  const repository = access.realNames ? (plan.repository ?? named) : `${proposed}/${named}`;
  const tags = await tagsOf(spec, tree, plan);
  const { part } = spec;
  return { repository, tags: part ? tags.map((tag) => platformTag(tag, part.platform)) : tags };
}

/** No account is called so: `imageName` folds what stands together. */
const proposed = 'proposed--change';

async function tagsOf(spec: BuildSpec, tree: SourceTree, plan: ImagePlan): Promise<string[]> {
  const branch = spec.branch ?? tree.refName;
  if (plan.tags.length === 0) return usualTags(tree.commit, branch);
  const tag = plan.tags.some((one) => /tag|short/.test(one)) ? await tree.describe?.() : undefined;
  const facts = { ...given({ commit: tree.commit, branch: branch ?? namedRef(spec), tag }), now: new Date() };
  return [...new Set(plan.tags.map((template) => renderTag(template, facts)))];
}

/** What stands for a branch where a ref is neither that nor a tag: `refs/pull/7/head` becomes `pull-7-head`. */
function namedRef({ source }: BuildSpec): string | undefined {
  return source.kind === 'git' && source.ref.startsWith('refs/') ? source.ref : undefined;
}
