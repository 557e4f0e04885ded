import type { ImagePlan } from '../imagePlan.ts';

/** Of a Bobfile as UTF-8. */
export const maxBobfileBytes = 262_144;

/** A file that says which images a repository is made of: checked, and with its globals applied. */
export interface Bobfile {
  /** Its path in the source. */
  path: string;
  /** In the file's order; `depends` names only images of the same file, and not in a circle. */
  images: readonly ImagePlan[];
  /** What is legal but has no effect, e.g. keys of old files; `problem` says so. */
  notes: readonly BobfileProblem[];
}

/** One thing that is wrong with a Bobfile. */
export interface BobfileProblem {
  /** From 1; absent where the file as a whole is meant. */
  line?: number;
  /** Where it is, e.g. `container[0].tags[1]`; "" is the whole. */
  place: string;
  /** What is wrong and what is allowed; never more of the file than the value at fault. */
  problem: string;
}
