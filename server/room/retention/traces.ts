import type { ImageTraces } from '../../../builder/model/imageTraces.ts';
import type { BuildResult } from '../../../builder/model/spec.ts';
import { shortId } from '../../../builder/model/imageId.ts';
import type { BuiltImage } from '../../store/contract/retention.ts';
import type { Room } from '../room.ts';
import type { HeldOnEngine } from '../worker.ts';

/** Remembers what an attempt makes and uses on its engine, so that a clean-up knows whose it is. */
export interface TraceRecorder extends ImageTraces {
  /** Remembers what came of the build. */
  results(result: BuildResult): void;
  /** Resolves when all is stored; the attempt uses nothing any more. */
  end(): Promise<void>;
}

/** Steps are stored together that came in so many milliseconds: what a killed server did not store stays on the engine. */
const storeEveryMs = 500;

export function recordTraces(room: Room, { attempt, run, on }: HeldOnEngine): TraceRecorder {
  const { bases } = room.housekeeping;
  const names = new Set<string>();
  bases.set(attempt.id, names);
  const by = { engine: on.engine.name, attemptId: attempt.id, jobId: run.jobId };
  let made: BuiltImage[] = [];
  let used = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> = Promise.resolve();

  function soon(): void {
    timer ??= setTimeout(store, storeEveryMs);
  }

  function store(): void {
    clearTimeout(timer);
    timer = undefined;
    const [images, old] = [made, [...used]];
    if (images.length + old.length === 0) return;
    made = [];
    used = new Set();
    storing = storing
      .then(() =>
        room.store.write(async (tx) => {
          await tx.rememberImages(images);
          await tx.useImages(old, { ...by, usedAt: room.now() });
        }),
      )
      .catch((error: unknown) =>
        room.report.warn(
          { error, run: run.id },
          'what a build made could not be noted: no clean-up finds it',
        ),
      );
  }

  function remember(image: string, given: readonly string[], isLayer: boolean): void {
    const now = room.now();
    made.push({ ...by, image, names: given, isLayer, madeAt: now, usedAt: now });
    soon();
  }

  return {
    layer(id, cached) {
      if (!cached) return remember(id, [], true);
      used.add(id);
      soon();
    },
    bases: (images) => {
      for (const image of images) names.add(image);
    },
    results({ images }) {
      for (const { id, tags } of images) remember(shortId(id), tags, false);
    },
    async end() {
      store();
      await storing;
      bases.delete(attempt.id);
    },
  };
}
