import { once } from 'node:events';
import { parseDockerignore } from '../../model/dockerignore.ts';
import { BuildFault } from '../../model/faults.ts';
import {
  dataPacket,
  decodePacket,
  endPacket,
  errorPacket,
  lastStatPacket,
  packetKinds,
  statPacket,
} from '../../model/buildkit/packet.ts';
import { selectEntries } from '../../model/buildkit/selection.ts';
import type { ListedEntry } from '../../model/tree.ts';
import { type Call, type Method, NotThere } from './session.ts';

/** A folder that the engine may ask for. */
export interface SharedFolder {
  /** Sorted by `comparePaths`, folders before what is in them. */
  entries: readonly ListedEntry[];
  /** Paths that the build needs, and that still are no part of the context where .dockerignore names them. */
  needed?: ReadonlySet<string>;
  read(entry: ListedEntry, write: (piece: Buffer) => Promise<void> | undefined): Promise<void>;
}

/** What was sent of all folders. */
export interface SyncCount {
  /** Entries that the engine was told of. */
  told: number;
  /** Files that it asked for, because it had no copy of them. */
  files: number;
  bytes: number;
}

/** Answers the engine's wish for folders by name: it is told of what is there and asks for what it has not. */
export function fileSync(folders: ReadonlyMap<string, SharedFolder>, count: SyncCount): Method {
  return {
    path: '/moby.filesync.v1.FileSync/DiffCopy',
    talk: async (call) => {
      const wish = readWish(call);
      const folder = folders.get(wish.folder);
      if (!folder) throw new NotThere(`there is no folder ${wish.folder}`);
      try {
        await share(call, folder, wantedOf(folder, wish), count);
      } catch (error) {
        // An engine that is not told waits for ever.
        call.write(errorPacket(error instanceof Error ? error.message : String(error)));
        throw error;
      }
    },
  };
}

interface Wish {
  folder: string;
  /** Absent: everything. */
  paths: readonly string[] | undefined;
  excluded: readonly string[];
}

function readWish({ metadata }: Call): Wish {
  const list = (name: string): string[] => {
    const texts = metadata.get(name).map(String);
    const isEncoded = metadata.get(`${name}-encoded`).length > 0;
    const decoded = isEncoded ? texts.map((text) => decodeURIComponent(text.replaceAll('+', ' '))) : texts;
    return decoded.flatMap(possibleValues);
  };
  const paths = [...list('followpaths'), ...list('include-patterns')];
  return {
    folder: list('dir-name')[0] ?? '',
    paths: paths.length > 0 ? paths : undefined,
    excluded: list('exclude-patterns'),
  };
}

/** So many ", " a path may hold. */
const mostCommas = 3;

/** Repeated values arrive as one, with ", " between them, which a path may hold as well: then each reading counts. */
function possibleValues(text: string): string[] {
  const parts = text.split(', ');
  return parts.flatMap((_, from) =>
    parts.slice(from, from + mostCommas + 1).map((_part, i) => parts.slice(from, from + i + 1).join(', ')),
  );
}

/**
 * What .dockerignore leaves out is no part of the folder from the beginning; what the engine says of it matters only
 * for files that were kept because the build needs them.
 */
function wantedOf({ entries, needed }: SharedFolder, { paths, excluded }: Wish): readonly ListedEntry[] {
  const wanted = paths === undefined ? entries : selectEntries(entries, paths);
  if (excluded.length === 0 || !needed) return wanted;
  const ignore = parseDockerignore(excluded.join('\n'), []);
  return wanted.filter(({ path }) => !needed.has(path) || !ignore.excludes(path));
}

async function share(
  call: Call,
  folder: SharedFolder,
  entries: readonly ListedEntry[],
  count: SyncCount,
): Promise<void> {
  const asked = askedBy(call);
  const write = (packet: Buffer): Promise<void> | undefined =>
    call.write(packet) ? undefined : drained(call);
  const tell = async (): Promise<void> => {
    for (const entry of entries) {
      const full = write(statPacket(entry));
      if (full) await full;
    }
    await write(lastStatPacket());
    count.told += entries.length;
  };
  const send = async (): Promise<void> => {
    for await (const id of asked) {
      const entry = entries[id];
      if (entry?.kind !== 'file')
        throw new BuildFault('engine_error', `the engine asked for file ${id}, which it was not told of`);
      await folder.read(entry, (piece) => {
        count.bytes += piece.length;
        return write(dataPacket(id, piece));
      });
      await write(dataPacket(id, Buffer.alloc(0)));
      count.files += 1;
    }
    await write(endPacket());
  };
  await Promise.all([tell(), send()]);
}

/** The numbers of the files that the engine asks for, until it has all that it wants. */
async function* askedBy(call: Call): AsyncGenerator<number> {
  for await (const message of call.iterator({ destroyOnReturn: false })) {
    const packet = decodePacket(Buffer.from(message));
    if (packet.kind === packetKinds.request) yield packet.id;
    else if (packet.kind === packetKinds.end) return;
    else if (packet.kind === packetKinds.error)
      throw new Error(`the engine could not take the files: ${packet.data.toString()}`);
  }
  throw new Error('the engine broke off');
}

/** Also where nobody reads any more: then the next message fails. */
async function drained(call: Call): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    await Promise.race(
      ['drain', 'cancelled', 'close', 'error'].map((event) => once(call, event, { signal })),
    );
  } finally {
    stop.abort();
  }
}
