import type { Access } from '../../../builder/model/access.ts';
import type { ContainerSpec } from '../../../builder/model/container.ts';
import { BuildFault } from '../../../builder/model/faults.ts';
import { buildAccess } from '../buildAccess.ts';
import type { Room } from '../room.ts';
import type { HeldOnEngine } from '../worker.ts';
import { findImage, type FoundImage } from './image.ts';
import { messageOf, runEnvironment } from './message.ts';
import { retriesOf } from './retries.ts';
import { containerOf, containerSpec } from './spec.ts';

/** What is to be run, and what it may use. */
export interface ContainerOrder {
  spec: ContainerSpec;
  access: Pick<Access, 'registry' | 'secret' | 'refusedRegistry'>;
  /** The image is what another job built and pushed nowhere. */
  isLocal: boolean;
}

/** Reads all that an attempt needs, as it is now. Throws a BuildFault: image_not_found, container_invalid. */
export async function containerOrder(
  room: Room,
  held: HeldOnEngine,
  learn: (secret: string) => void,
): Promise<ContainerOrder> {
  const { job, run, attempt, on } = held;
  const { store, policy } = room;
  const rules = { ...policy(), engine: on.terms };
  const frame = containerSpec(containerOf(job), { store: store.id, attempt: attempt.id }, rules);
  const { name: image, built } = await imageOf(room, held);
  const { payload } = await store.read.runBody(run.id);
  const message = messageOf(payload, containerOf(job).message);
  const env = { ...frame.env, ...runEnvironment(run, await retriesOf(store.read, run)) };
  // What a stranger proposed may use no more in a container than in its build.
  const { job: owner, run: cause } = built ?? held;
  const access = buildAccess(owner, cause, policy().access(), {
    learn,
    owners: (folder) => store.read.projectsByImageFolder(folder),
  });
  const isLocal = built !== undefined && image.startsWith('sha256:');
  return { spec: { ...frame, image, env, message }, access, isLocal };
}

/** What a container that there is already runs is decided, whatever became of its image's job. */
async function imageOf({ store }: Room, { job, run, isTakenOver }: HeldOnEngine): Promise<FoundImage> {
  try {
    return await findImage(store.read, job, run);
  } catch (error) {
    const { image } = containerOf(job);
    if (!isTakenOver || !(error instanceof BuildFault)) throw error;
    return { name: typeof image === 'string' ? image : image.job };
  }
}
