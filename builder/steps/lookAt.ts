import { posix } from 'node:path';
import { type DockerfileFacts, readDockerfile } from '../model/dockerfile.ts';
import { given } from '../model/given.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import type { SourceTree } from '../model/tree.ts';
import { findContext, type FoundContext } from './contextFiles.ts';

/** A plan with what the source has for it. */
export interface Found {
  plan: ImagePlan;
  context: FoundContext;
  facts: DockerfileFacts;
}

/** Finds the context and the Dockerfile of a plan. Throws as `findContext` does. */
export async function lookAt(tree: SourceTree, plan: ImagePlan): Promise<Found> {
  const { dockerfile = posix.join(plan.context, 'Dockerfile') } = plan;
  const context = await findContext(tree, { folder: plan.context, dockerfile });
  const { buildArgs, target } = plan.options;
  return { plan, context, facts: readDockerfile(context.text, given({ buildArgs, target })) };
}
