import { createHash } from 'node:crypto';
import type { HistoryEntry, MarkedImage } from '../ourImages.ts';

/** Counts what images take on the disk, each layer once, however many of them share it. */
export interface Ledger {
  /** Bytes of the layers that only images of ours hold. */
  readonly used: number;
  /** Strikes out an image of ours; gives the bytes that nobody holds any more. */
  remove(id: string): number;
}

interface Layer {
  bytes: number;
  /** How many images of ours hold it. */
  holders: number;
  isForeign: boolean;
}

/**
 * The engine tells the size of a layer only with the instruction that made it: two images share a layer where their
 * histories are the same from the first instruction up to it. `heads` are all images but those that only others are made of.
 */
export function openLedger(heads: readonly MarkedImage[], ours: ReadonlySet<string>): Ledger {
  const layersOf = layersOfOurs(heads, ours);
  const held = new Set([...layersOf.values()].flat());
  let used = 0;
  for (const layers of layersOf.values()) for (const layer of layers) layer.holders++;
  for (const { isForeign, bytes } of held) if (!isForeign) used += bytes;

  return {
    get used() {
      return used;
    },
    remove(id) {
      let freed = 0;
      for (const layer of layersOf.get(id) ?? []) {
        layer.holders--;
        if (layer.holders === 0 && !layer.isForeign) freed += layer.bytes;
      }
      layersOf.delete(id);
      used -= freed;
      return freed;
    },
  };
}

/** By the ids of our images. A head's history tells those of all images that it was made of here. */
function layersOfOurs(heads: readonly MarkedImage[], ours: ReadonlySet<string>): Map<string, Layer[]> {
  const layers = new Map<string, Layer>();
  const layersOf = new Map<string, Layer[]>();
  for (const head of heads) {
    const held: Layer[] = [];
    let key = '';
    for (const entry of head.history.toReversed()) {
      key = keyOf(key, entry);
      const layer = layers.get(key) ?? { bytes: entry.bytes, holders: 0, isForeign: false };
      layers.set(key, layer);
      if (entry.bytes > 0) held.push(layer);
      if (ours.has(entry.id)) layersOf.set(entry.id, [...held]);
    }
    if (ours.has(head.id)) layersOf.set(head.id, held);
    else for (const layer of held) layer.isForeign = true;
  }
  return layersOf;
}

function keyOf(before: string, { created, instruction, bytes }: HistoryEntry): string {
  return hash(`${before}\n${String(created)}\n${bytes}\n${instruction}`);
}

function hash(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
