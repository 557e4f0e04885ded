import type { Tx } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';
import { insertJob } from './create.ts';
import { resealed } from './secrets.ts';

/** Copies of one job that are named without being asked for. */
const mostCopies = 1000;
/** Of a slug, in bytes. */
const longestSlug = 128;

export interface CloneWish {
  /** `<name> (copy)` and `<slug>-copy` where it says nothing. */
  name?: string;
  slug?: string;
  createdBy: string | null;
}

/**
 * Makes a new, enabled job with the definition of another one.
 *
 * @throws Problem `not_found`; `conflict` where the project has a job of that slug
 */
export async function cloneJob(room: Room, jobId: string, wish: CloneWish): Promise<Job> {
  const job = await room.store.write(async (tx) => {
    const original = await tx.job(jobId);
    if (!original) throw new Problem('not_found', 'job not found');
    const { project, kind } = original;
    const now = room.now();
    const id = uuid7(now);
    const slug = wish.slug ?? (await freeSlug(tx, original));
    const name = wish.name ?? `${original.definition.name ?? original.slug} (copy)`;
    const definition = { ...resealed(room, original.definition, jobId, id), name };
    const copy = { id, project, slug, kind, enabled: true, definition, createdBy: wish.createdBy };
    return insertJob(tx, copy, now);
  });
  room.wake();
  return job;
}

async function freeSlug(tx: Tx, { project, slug }: Job): Promise<string> {
  for (let copy = 1; copy <= mostCopies; copy++) {
    const name = `${slug}-copy${copy === 1 ? '' : `-${copy}`}`;
    if (Buffer.byteLength(name) > longestSlug) break;
    if (!(await tx.jobBySlug(project, name))) return name;
  }
  throw new Problem('conflict', 'no free slug was found: name one', { field: 'slug' });
}
