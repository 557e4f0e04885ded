import type { Reader } from 'protobufjs/minimal.js';
import { bytesOf, numberOf, readFields } from './wire.ts';

/** What BuildKit tells of a build since the last time. */
export interface KitStatus {
  vertexes: KitVertex[];
  logs: KitOutput[];
}

/** One node of the graph that BuildKit works through. */
export interface KitVertex {
  digest: string;
  /** E.g. `[build 2/4] RUN make` or `[internal] load build context`. */
  name: string;
  cached: boolean;
  /** Milliseconds since 1970 on the engine's clock. */
  started: number | undefined;
  completed: number | undefined;
  /** "" where it did not fail. */
  error: string;
}

export interface KitOutput {
  /** The digest of the vertex. */
  vertex: string;
  stream: 'stdout' | 'stderr';
  bytes: Buffer;
}

/** Decodes `moby.buildkit.v1.StatusResponse`, as far as it is used. Throws a BuildFault `engine_error`. */
export function decodeStatus(bytes: Uint8Array): KitStatus {
  const status: KitStatus = { vertexes: [], logs: [] };
  readFields(bytes, (field, reader) => {
    if (field === 1) status.vertexes.push(vertex(bytesOf(reader)));
    else if (field === 3) status.logs.push(output(bytesOf(reader)));
    else return false;
    return true;
  });
  return status;
}

/** Whether a node ended only because another one failed. */
export function isCanceled({ error }: Pick<KitVertex, 'error'>): boolean {
  return error.endsWith('context canceled');
}

function vertex(bytes: Uint8Array): KitVertex {
  const read: KitVertex = {
    digest: '',
    name: '',
    cached: false,
    started: undefined,
    completed: undefined,
    error: '',
  };
  const fields: Record<number, (reader: Reader) => void> = {
    1: (reader) => (read.digest = reader.string()),
    3: (reader) => (read.name = reader.string()),
    4: (reader) => (read.cached = reader.bool()),
    5: (reader) => (read.started = milliseconds(bytesOf(reader))),
    6: (reader) => (read.completed = milliseconds(bytesOf(reader))),
    7: (reader) => (read.error = reader.string()),
  };
  takeFields(bytes, fields);
  return read;
}

function output(bytes: Uint8Array): KitOutput {
  const read: KitOutput = { vertex: '', stream: 'stdout', bytes: Buffer.alloc(0) };
  takeFields(bytes, {
    1: (reader) => (read.vertex = reader.string()),
    3: (reader) => (read.stream = numberOf(reader) === 2 ? 'stderr' : 'stdout'),
    4: (reader) => (read.bytes = bytesOf(reader)),
  });
  return read;
}

/** A `google.protobuf.Timestamp`. */
function milliseconds(bytes: Uint8Array): number {
  let [seconds, nanoseconds] = [0, 0];
  takeFields(bytes, {
    1: (reader) => (seconds = numberOf(reader)),
    2: (reader) => (nanoseconds = reader.int32()),
  });
  return seconds * 1000 + Math.round(nanoseconds / 1e6);
}

function takeFields(bytes: Uint8Array, fields: Record<number, (reader: Reader) => void>): void {
  readFields(bytes, (field, reader) => {
    const take = fields[field];
    take?.(reader);
    return take !== undefined;
  });
}
