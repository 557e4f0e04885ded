import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { LogSink } from '../../../builder/model/log.ts';
import type { Source } from '../../../builder/model/spec.ts';
import type { SourceTree } from '../../../builder/model/tree.ts';
import { createSources, type Sources, type SourcesOptions } from '../../../builder/steps/source/sources.ts';
import { type GitServer, type GitServerOptions, startGitServer } from '../../fixtures/gitServer.ts';

/** A git server, sources that may ask it, and what they wrote to the log. */
export interface Workshop extends AsyncDisposable {
  server: GitServer;
  sources: Sources;
  /** Of the sources. */
  folder: string;
  log: string[];
  open(source: Partial<GitAsked> & { url: string }, options?: OpenAsked): Promise<SourceTree>;
  openAny(source: Source, options?: OpenAsked): Promise<SourceTree>;
  /** The only mirror's folder. */
  mirror(): string;
  /** Sources of a new process on the same folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

type GitAsked = Omit<Extract<Source, { kind: 'git' }>, 'kind'>;

export interface OpenAsked {
  signal?: AbortSignal;
  timeoutMs?: number;
  mark?: string;
}

export async function openWorkshop(
  gitOptions: GitServerOptions = {},
  sourcesOptions: Partial<SourcesOptions> = {},
): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'sources-'));
  const server = await startGitServer(gitOptions);
  const log: string[] = [];
  const sink: LogSink = {
    congested: undefined,
    append: (stream, block) =>
      log.push(
        ...block
          .trimEnd()
          .split('\n')
          .map((line) => `${stream}: ${line}`),
      ),
  };
  const make = (): Sources =>
    createSources({
      folder,
      allowed: () => [{ scheme: 'http', host: `127.0.0.1:${server.port}` }],
      ...sourcesOptions,
    });
  let sources = make();
  const openAny: Workshop['openAny'] = (source, asked = {}) =>
    sources.open(source, {
      log: sink,
      signal: asked.signal ?? new AbortController().signal,
      timeoutMs: asked.timeoutMs ?? 20_000,
      mark: asked.mark ?? 'attempt-1',
    });
  async function close(): Promise<void> {
    await sources.close();
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return {
    server,
    get sources() {
      return sources;
    },
    folder,
    log,
    openAny,
    open: (source, asked) => openAny({ kind: 'git', ref: 'main', ...source }, asked),
    mirror: () => join(folder, 'mirrors', readdirSync(join(folder, 'mirrors'))[0] ?? ''),
    async restart() {
      await sources.close();
      sources = make();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** One entry of a tar. */
export interface Packed {
  type: string;
  mode: number;
  uid: number;
  text: string;
  link: string;
}

/** All entries of a tar stream by name. */
export async function unpack(tar: Readable): Promise<Map<string, Packed>> {
  const entries = new Map<string, Packed>();
  const reader = extract();
  tar.once('error', (error) => reader.destroy(error)).pipe(reader);
  for await (const entry of reader) {
    const { name, type, mode, uid, linkname } = entry.header;
    const text = (await buffer(entry)).toString();
    entries.set(name, { type: type ?? 'file', mode, uid, text, link: linkname ?? '' });
  }
  return entries;
}

export async function unpackTree(tree: SourceTree, folder = ''): Promise<Map<string, Packed>> {
  return unpack(tree.tar(folder, new AbortController().signal));
}

/** The fault that a promise is rejected with. */
export async function faultOf(opened: Promise<unknown>): Promise<BuildFault> {
  const error = await opened.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof BuildFault) return error;
  throw error;
}

/** All requests of a kind that the git server saw. */
export function countPacks(server: GitServer): number {
  return server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/git-upload-pack'))
    .length;
}

export function countFetches(server: GitServer): number {
  return server.requests.filter(({ path }) => path.includes('/info/refs')).length;
}

/** Command lines of live processes that hold a text in their arguments or environment. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return [];
    const line = readProc(pid, 'cmdline');
    return line !== '' && (line.includes(text) || readProc(pid, 'environ').includes(text))
      ? [`${pid} ${line}`]
      : [];
  });
}

/** The text of every command line of the machine. */
export function allCommandLines(): string {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => readProc(pid, 'cmdline'))
    .join('\n');
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Every file below a folder, read as one text. */
export async function allFiles(folder: string): Promise<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  return texts.join('\n');
}
