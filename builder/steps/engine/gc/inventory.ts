import { shortId } from '../../../model/imageId.ts';
import { asList, asNumber, asRecord, asText, asTexts } from '../answers.ts';
import type { Engine } from '../engine.ts';
import { EngineRefusal } from '../engineFaults.ts';
import { attemptLabel, storeLabel } from '../labels.ts';
import { familiar, imagesOfAttempt, markedImage, type MarkedImage } from '../ourImages.ts';
import { type Ledger, openLedger } from './ledger.ts';

/** What is remembered of an image that an attempt made, or went on from, on an engine. */
export interface KnownImage {
  /** 12 hex digits of its id. */
  id: string;
  /** The newest attempt that made or used it. */
  attempt: string;
  /** The full names that its build gave it. */
  names: readonly string[];
  /** Whether the classic builder said that a step of ours made it. */
  isLayer: boolean;
  /** By this server's clock, in milliseconds since 1970. */
  madeAt: number;
  usedAt: number;
}

/** An image on an engine that attempts of a store made. */
export interface OurImage {
  id: string;
  /** The image that the classic builder made it of; empty where there is none on the engine. */
  parent: string;
  /** Undefined where nobody remembers. */
  attempt: string | undefined;
  /** Those of its names that its build gave it, and those of anybody else. */
  names: readonly string[];
  foreignNames: readonly string[];
  /** By the engine's clock, in milliseconds since 1970. */
  createdAt: number;
  /** When a build last made or used it; `createdAt` where nobody remembers. */
  usedAt: number;
  /** With all that it shares with others. */
  bytes: number;
  /** A step of a build, and not what came of it. */
  isLayer: boolean;
  isInContainer: boolean;
  /** Only of those that have a name, or that the classic builder made no other one of. */
  marked: MarkedImage | undefined;
}

export interface Inventory {
  /** Newest first. */
  images: readonly OurImage[];
  /** By the id of an image, the ids of all that the classic builder made of it, whosever they are. */
  children: ReadonlyMap<string, readonly string[]>;
  /** All images, whosever, that have a name, or that the classic builder made no other one of. */
  heads: readonly MarkedImage[];
  ledger: Ledger;
  /** Ids of all images there, whosever. */
  present: readonly string[];
}

/** Lists what the attempts of a store made on an engine. Throws as `engine.call` does. */
export type InventoryTaker = (known: readonly KnownImage[], signal?: AbortSignal) => Promise<Inventory>;

const atOnce = 8;

/** How far the clocks of an engine and of this server may be apart, in milliseconds. */
const clocksApartMs = 3_600_000;

/** The taker remembers the histories that it saw: an image's never changes. */
export function createInventoryTaker(engine: Engine, store: string): InventoryTaker {
  let histories = new Map<string, readonly Record<string, unknown>[]>();

  async function readHistories(ids: readonly string[], signal?: AbortSignal): Promise<void> {
    const before = histories;
    histories = new Map(ids.map((id) => [id, before.get(id) ?? []]));
    const unknown = ids.filter((id) => !before.has(id));
    for (let from = 0; from < unknown.length; from += atOnce)
      await Promise.all(
        unknown.slice(from, from + atOnce).map(async (id) => {
          histories.set(id, await historyOf(engine, id, signal));
        }),
      );
  }

  return async (known, signal) => {
    const listed = await listImages(engine, signal);
    const children = childrenOf(listed);
    const top = listed.filter((image) => namesOf(image).length > 0 || !children.has(asText(image['Id'])));
    await readHistories(
      top.map((image) => asText(image['Id'])),
      signal,
    );
    const heads = top.map((image) => markedImage(image, histories.get(asText(image['Id'])) ?? []));
    const used = await imagesOfContainers(engine, signal);
    const images = ourImages({ listed, heads, known, used, store });
    const ours = new Set(images.map(({ id }) => id));
    const present = listed.map((image) => asText(image['Id']));
    return { images, children, heads, present, ledger: openLedger(heads, ours) };
  };
}

interface Seen {
  listed: readonly Record<string, unknown>[];
  heads: readonly MarkedImage[];
  known: readonly KnownImage[];
  /** Ids of the images that containers were made of. */
  used: ReadonlySet<string>;
  store: string;
}

function ourImages({ listed, heads, known, used, store }: Seen): OurImage[] {
  const remembered = new Map(known.map((one) => [one.id, one]));
  const byId = new Map(heads.map((head) => [head.id, head]));
  const marked = markedOf(listed, byId, store);
  const images = listed.flatMap((image) => {
    const id = asText(image['Id']);
    const one = remembered.get(shortId(id));
    const isLayer = one !== undefined && isLayerOf(one, createdOf(image));
    if (!isLayer && !marked.has(id)) return [];
    const isMarked = marked.has(id);
    const facts = { known: one, head: byId.get(id), attempt: one?.attempt ?? marked.get(id), isMarked };
    return [ourImage(image, { ...facts, isInContainer: used.has(id) })];
  });
  return images.toSorted((a, b) => b.createdAt - a.createdAt);
}

interface ImageFacts {
  known: KnownImage | undefined;
  head: MarkedImage | undefined;
  attempt: string | undefined;
  /** It came of a build, and is no step of one. */
  isMarked: boolean;
  isInContainer: boolean;
}

function ourImage(
  image: Record<string, unknown>,
  { known, head, attempt, isMarked, isInContainer }: ImageFacts,
): OurImage {
  const createdAt = createdOf(image);
  const given = new Set((known?.names ?? head?.given?.split(' ') ?? []).map(familiar));
  const names = namesOf(image);
  return {
    id: asText(image['Id']),
    parent: asText(image['ParentId']),
    attempt,
    names: names.filter((name) => given.has(familiar(name))),
    foreignNames: names.filter((name) => !given.has(familiar(name))),
    createdAt,
    usedAt: Math.max(known?.usedAt ?? createdAt, createdAt),
    bytes: asNumber(image['Size']),
    isLayer: !isMarked && names.length === 0,
    isInContainer,
    marked: head,
  };
}

/** By the ids of the images that came of builds, the attempts of these. */
function markedOf(
  listed: readonly Record<string, unknown>[],
  heads: ReadonlyMap<string, MarkedImage>,
  store: string,
): Map<string, string> {
  const byAttempt = new Map<string, MarkedImage[]>();
  for (const image of listed) {
    const labels = asTexts(image['Labels']);
    const attempt = labels[attemptLabel];
    const head = heads.get(asText(image['Id']));
    if (labels[storeLabel] !== store || attempt === undefined || !head) continue;
    byAttempt.set(attempt, [...(byAttempt.get(attempt) ?? []), head]);
  }
  const pairs = [...byAttempt].flatMap(([attempt, images]) =>
    imagesOfAttempt(images, attempt).map((id) => [id, attempt] as const),
  );
  return new Map(pairs);
}

/** A step may print what it likes, also the id of somebody else's image: that one was made at another time. */
function isLayerOf({ isLayer, madeAt }: KnownImage, createdAt: number): boolean {
  return isLayer && Math.abs(createdAt - madeAt) < clocksApartMs;
}

async function listImages(engine: Engine, signal?: AbortSignal): Promise<Record<string, unknown>[]> {
  const answer = await engine.call({ method: 'GET', path: '/images/json', query: { all: 1 }, signal });
  return asList(answer).map(asRecord);
}

function childrenOf(listed: readonly Record<string, unknown>[]): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const image of listed) {
    const parent = asText(image['ParentId']);
    if (parent !== '') children.set(parent, [...(children.get(parent) ?? []), asText(image['Id'])]);
  }
  return children;
}

async function imagesOfContainers(engine: Engine, signal?: AbortSignal): Promise<Set<string>> {
  const answer = await engine.call({ method: 'GET', path: '/containers/json', query: { all: 1 }, signal });
  return new Set(asList(answer).map((container) => asText(asRecord(container)['ImageID'])));
}

/** Empty where the image is gone. */
async function historyOf(
  engine: Engine,
  id: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown>[]> {
  try {
    const answer = await engine.call({ method: 'GET', path: `/images/${id}/history`, signal });
    return asList(answer).map(asRecord);
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return [];
    throw error;
  }
}

/** In milliseconds since 1970. */
function createdOf(image: Record<string, unknown>): number {
  return asNumber(image['Created']) * 1000;
}

function namesOf(image: Record<string, unknown>): string[] {
  return asList(image['RepoTags'])
    .map(asText)
    .filter((name) => name !== '<none>:<none>');
}
