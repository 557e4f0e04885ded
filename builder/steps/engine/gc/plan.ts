import { isMadeOf } from '../ourImages.ts';
import type { Inventory, OurImage } from './inventory.ts';

/** Bytes of images that an engine may hold: above `highBytes` the oldest go until `lowBytes`. */
export interface DiskBudget {
  highBytes: number;
  lowBytes: number;
}

/** What one attempt made, newest first. */
export interface ImageGroup {
  attempt: string | undefined;
  images: readonly OurImage[];
  /** When it was last made or used, in milliseconds since 1970. */
  usedAt: number;
}

/** Which images may go, and which are to. Each reason is the end of a sentence that begins with the image. */
export interface RemovalRules {
  /** Why it must stay. */
  keep: (image: OurImage) => string | undefined;
  /** Why all of a group is to go, however much room there is. */
  expire: (group: ImageGroup) => string | undefined;
  budget: DiskBudget | undefined;
}

export interface Removal {
  image: OurImage;
  why: string;
  /** What nobody holds any more after it. */
  bytes: number;
  /** It stays, because somebody else gave it a name, and loses only the names that its build gave it. */
  isUntagged: boolean;
}

export interface Remaining {
  image: OurImage;
  why: string;
}

export interface RemovalPlan {
  /** In the order in which they can go. */
  removals: readonly Removal[];
  /** What the rules want to go and must stay. */
  left: readonly Remaining[];
  bytesBefore: number;
  bytesAfter: number;
}

/** Says what goes: oldest first, and only what nothing and nobody uses. The inventory's ledger is used up by it. */
export function planRemoval(inventory: Inventory, { keep, expire, budget }: RemovalRules): RemovalPlan {
  const { ledger } = inventory;
  const groups = groupsOf(inventory.images);
  const bytesBefore = ledger.used;
  const plan = createPlan(inventory, keep);
  plan.remove(groups, expire);
  if (budget && ledger.used > budget.highBytes)
    plan.remove(groups, () => (ledger.used > budget.lowBytes ? 'the engine is above its budget' : undefined));
  return { removals: plan.removals, left: plan.left(), bytesBefore, bytesAfter: ledger.used };
}

/** Oldest first. */
export function groupsOf(images: readonly OurImage[]): ImageGroup[] {
  const groups = Map.groupBy(images, ({ attempt, id }) => attempt ?? id);
  return [...groups.values()]
    .map((members) => ({
      attempt: members[0]?.attempt,
      images: members,
      usedAt: Math.max(...members.map(({ usedAt }) => usedAt)),
    }))
    .toSorted((a, b) => a.usedAt - b.usedAt);
}

function createPlan({ children, heads, ledger }: Inventory, keep: RemovalRules['keep']) {
  const removals: Removal[] = [];
  const done = new Set<string>();
  const gone = new Set<string>();
  const stuck = new Map<string, Remaining>();

  function whyNot(image: OurImage): string | undefined {
    const kept = keep(image);
    if (kept !== undefined) return kept;
    if (image.isInContainer) return 'a container uses it';
    if (children.get(image.id)?.some((id) => !gone.has(id))) return 'another image is made of it';
    if (isBase(image)) return 'another image is made of it';
    return image.foreignNames.length > 0 && image.names.length === 0 ? 'it has a name of others' : undefined;
  }

  /** The engine does not know what BuildKit made an image of. */
  function isBase({ id, marked }: OurImage): boolean {
    if (!marked || marked.history.length === 0) return false;
    return heads.some((head) => head.id !== id && !gone.has(head.id) && isMadeOf(head, marked));
  }

  function take(image: OurImage, why: string): boolean {
    if (done.has(image.id)) return false;
    const because = whyNot(image);
    if (because !== undefined) {
      stuck.set(image.id, { image, why: because });
      return false;
    }
    done.add(image.id);
    stuck.delete(image.id);
    const isUntagged = image.foreignNames.length > 0;
    if (isUntagged) stuck.set(image.id, { image, why: 'it has a name of others' });
    else gone.add(image.id);
    removals.push({ image, why, isUntagged, bytes: isUntagged ? 0 : ledger.remove(image.id) });
    return true;
  }

  /** An image that another was made of can go once that one has: so again, as long as something goes. */
  function takeAll(images: readonly OurImage[], why: string): boolean {
    let isAny = false;
    while (images.filter((image) => take(image, why)).length > 0) isAny = true;
    return isAny;
  }

  return {
    removals,
    remove(groups: readonly ImageGroup[], wanted: (group: ImageGroup) => string | undefined): void {
      for (let isAny = true; isAny;) {
        isAny = false;
        for (const group of groups) {
          const why = wanted(group);
          if (why !== undefined && takeAll(group.images, why)) isAny = true;
        }
      }
    },
    left: () => [...stuck.values()],
  };
}
