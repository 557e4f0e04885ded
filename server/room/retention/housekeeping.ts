import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { createInventoryTaker, type InventoryTaker } from '../../../builder/steps/engine/gc/inventory.ts';
import type { GcReport } from './report.ts';

/** What clean-ups know of each other, and of what is in use. */
export interface Housekeeping {
  /** Of each attempt that this process builds, the names of the images that it begins with. */
  readonly bases: Map<string, ReadonlySet<string>>;
  inventoryOf(engine: Engine, store: string): InventoryTaker;
  /** What the data folder holds besides logs and mirrors, in bytes. */
  otherBytes(): Promise<number>;
  /** Whether a clean-up is under way. */
  isRunning: boolean;
  last: GcReport | undefined;
}

export function createHousekeeping(otherBytes: () => Promise<number>): Housekeeping {
  const takers = new WeakMap<Engine, InventoryTaker>();
  return {
    bases: new Map(),
    inventoryOf(engine, store) {
      const taker = takers.get(engine) ?? createInventoryTaker(engine, store);
      takers.set(engine, taker);
      return taker;
    },
    otherBytes,
    isRunning: false,
    last: undefined,
  };
}
