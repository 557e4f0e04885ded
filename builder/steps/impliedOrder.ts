import { imageName } from '../model/imageName.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import { parseImageReference } from '../model/imageReference.ts';
import type { Found } from './lookAt.ts';

/**
 * The same, each also depending on those whose images its Dockerfile uses: else it could be built on yesterday's. What
 * would be a circle is left as the plans say it. `account` names the images that name themselves no registry.
 */
export function withImpliedOrder(found: readonly Found[], account: string): Found[] {
  const ordered = [...found];
  const owners = new Map(found.map(({ plan }) => [placeOf(nameOf(plan, account)), plan.name]));
  for (const [i, { facts, plan }] of found.entries())
    for (const image of facts.images) {
      const owner = owners.get(placeOf(image));
      const one = ordered[i];
      if (!one || owner === undefined || one.plan.depends.includes(owner)) continue;
      if (leadsTo(ordered, owner, plan.name)) continue;
      ordered[i] = { ...one, plan: { ...one.plan, depends: [...one.plan.depends, owner] } };
    }
  return ordered;
}

/** Whether an image's Dockerfile uses one that is made beside it. */
export function usesAnother({ facts, plan }: Found, all: readonly Found[]): boolean {
  const others = all.filter((one) => one.plan.name !== plan.name);
  const made = new Set(others.map((one) => placeOf(one.plan.repository)));
  return facts.images.some((image) => made.has(placeOf(image)));
}

function nameOf({ repository, name }: ImagePlan, account: string): string {
  return repository ?? imageName(account, name);
}

/** An image's name without tag and digest, one for all ways to write it; a name of its own for what has none. */
function placeOf(name: string | undefined): string | symbol {
  const place = name === undefined ? undefined : parseImageReference(name);
  return place ? `${place.host}/${place.path}` : Symbol('none');
}

function leadsTo(found: readonly Found[], from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    next.push(...(found.find(({ plan }) => plan.name === name)?.plan.depends ?? []));
  }
  return false;
}
