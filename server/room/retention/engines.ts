import { buildCache, pruneBuildCache } from '../../../builder/steps/engine/gc/buildCache.ts';
import { shortId } from '../../../builder/model/imageId.ts';
import type { Inventory, KnownImage } from '../../../builder/steps/engine/gc/inventory.ts';
import { type DiskBudget, planRemoval, type RemovalPlan } from '../../../builder/steps/engine/gc/plan.ts';
import { removeOurs } from '../../../builder/steps/engine/gc/removeOurs.ts';
import { before } from '../../config/retentionSchema.ts';
import type { RememberedImage } from '../../store/contract/retention.ts';
import type { Attempt } from '../../words/run.ts';
import type { EngineSeat } from '../engines/seat.ts';
import { createExpire } from './imageAges.ts';
import { createKeep } from './imagesInUse.ts';
import { isOver, type Pass } from './pass.ts';
import { type CacheReport, type EngineReport, type ImageItem, openKind, type OpenKind } from './report.ts';

/** What is there, as far as the store remembers it, and who builds. */
interface Stock {
  remembered: readonly RememberedImage[];
  running: readonly Attempt[];
  inventory: Inventory;
}

type OpenReport = Omit<EngineReport, 'images' | 'layers'> & {
  images: OpenKind<ImageItem>;
  layers: OpenKind<ImageItem>;
};

/** Removes from an engine what is ours and too old, or too much. Never rejects: what went wrong is in the report. */
export async function cleanEngine(pass: Pass, seat: EngineSeat): Promise<EngineReport> {
  const report: OpenReport = {
    name: seat.engine.name,
    problem: seat.state === 'ok' ? undefined : 'it does not answer',
    bytesBefore: 0,
    bytesAfter: 0,
    images: openKind(),
    layers: openKind(),
    cache: undefined,
  };
  if (seat.state !== 'ok') return report;
  try {
    await clean(pass, seat, report);
  } catch (error) {
    report.problem = error instanceof Error ? error.message : String(error);
    pass.room.report.warn({ error, engine: seat.engine.name }, 'the clean-up of an engine broke off');
  }
  return report;
}

/** Bytes that only images of ours hold on an engine. Throws as `engine.call` does. */
export async function bytesOn(pass: Pass, seat: EngineSeat): Promise<number> {
  const { ledger } = (await takeStock(pass, seat)).inventory;
  return ledger.used;
}

async function clean(pass: Pass, seat: EngineSeat, report: OpenReport): Promise<void> {
  const stock = await takeStock(pass, seat);
  const used = stock.inventory.ledger.used;
  report.cache = await cleanCache(pass, seat, used);
  const budget = budgetBeside(report.cache, seat, used);
  const keep = createKeep(pass.room, { engine: seat.engine.name, goneRuns: pass.goneRuns, ...stock });
  const expire = createExpire(pass.rules.images, stock.remembered, pass.now);
  const plan = planRemoval(stock.inventory, { keep, expire, budget });
  report.bytesBefore = plan.bytesBefore;
  report.bytesAfter = plan.bytesAfter;
  await carryOut(pass, seat, plan, report);
  if (!pass.isDryRun) await forgetGone(pass, seat, stock);
}

/** What is remembered comes before what is there: an image that is not there then is gone, and not one yet to come. */
async function takeStock({ room }: Pass, { engine }: EngineSeat): Promise<Stock> {
  const { read, id } = room.store;
  const runningBefore = await read.runningAttempts();
  const remembered = await read.builtImages(engine.name);
  const known = remembered.map(({ image, attemptId: attempt, ...rest }): KnownImage => ({
    ...rest,
    id: image,
    attempt,
  }));
  const inventory = await room.housekeeping.inventoryOf(engine, id)(known, room.closing.signal);
  // An attempt that ended since was not known to be the newest of its job.
  const running = [...runningBefore, ...(await read.runningAttempts())];
  return { remembered, running, inventory };
}

async function carryOut(
  pass: Pass,
  { engine }: EngineSeat,
  plan: RemovalPlan,
  report: OpenReport,
): Promise<void> {
  const kindOf = (isLayer: boolean) => (isLayer ? report.layers : report.images);
  for (const { image, why, bytes } of plan.removals) {
    if (isOver(pass)) return;
    const item = { id: image.id, tags: image.names, createdAt: image.createdAt, bytes };
    const stays = pass.isDryRun ? undefined : await removeOurs(engine, image, pass.room.closing.signal);
    const { removed, left } = kindOf(image.isLayer);
    if (stays === undefined) removed.add({ ...item, why });
    else left.add({ ...item, why: stays });
    if (stays !== undefined) report.bytesAfter += bytes;
  }
  const alreadyLeft = new Set(pass.isDryRun ? [] : plan.removals.map(({ image }) => image.id));
  for (const { image, why } of plan.left) {
    if (alreadyLeft.has(image.id)) continue;
    const { id, names: tags, createdAt, bytes } = image;
    kindOf(image.isLayer).left.add({ id, tags, createdAt, bytes, why });
  }
}

/** The register has only what is on the engine. */
async function forgetGone({ room }: Pass, { engine }: EngineSeat, stock: Stock): Promise<void> {
  const there = new Set(stock.inventory.present.map(shortId));
  const gone = stock.remembered.map(({ image }) => image).filter((image) => !there.has(image));
  if (gone.length > 0) await room.store.write((tx) => tx.forgetImages(engine.name, gone));
}

/** BuildKit's cache has no owner: it is removed where nobody else builds, and reported elsewhere to who asks. */
async function cleanCache(pass: Pass, seat: EngineSeat, used: number): Promise<CacheReport | undefined> {
  const { engine, dedicated } = seat;
  if (!dedicated && !pass.isAsked) return undefined;
  const signal = pass.room.closing.signal;
  const { bytes, idleBytes } = await buildCache(engine, signal);
  if (!dedicated)
    return { bytes, removedBytes: 0, left: 'it has no owner, and the engine is not declared as dedicated' };
  const wish = cacheToFree(seat.disk, used, bytes);
  const isOld = before(pass.rules.images.maxAgeDays, pass.now);
  if (pass.isDryRun) return { bytes, removedBytes: Math.min(wish, idleBytes), left: undefined };
  let removedBytes = 0;
  if (isOld !== undefined)
    removedBytes += await pruneBuildCache(engine, { idleMs: pass.now - isOld }, signal);
  if (wish > removedBytes) removedBytes += await pruneBuildCache(engine, { keepBytes: bytes - wish }, signal);
  return { bytes, removedBytes, left: undefined };
}

/** It can be made again, so it goes before images do. */
function cacheToFree(disk: DiskBudget | undefined, used: number, cacheBytes: number): number {
  if (!disk || used + cacheBytes <= disk.highBytes) return 0;
  return Math.min(cacheBytes, used + cacheBytes - disk.lowBytes);
}

/** What the budget leaves to images beside the cache, where that is ours too. */
function budgetBeside(
  cache: CacheReport | undefined,
  { disk, dedicated }: EngineSeat,
  used: number,
): DiskBudget | undefined {
  if (!disk || !dedicated || !cache) return disk;
  const isPassed = used + cache.bytes > disk.highBytes;
  const left = Math.max(0, cache.bytes - cache.removedBytes);
  const lowBytes = Math.max(0, disk.lowBytes - left);
  return { lowBytes, highBytes: isPassed ? lowBytes : Math.max(0, disk.highBytes - left) };
}
