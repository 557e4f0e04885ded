import { jsonObject } from './buildStreamMessage.ts';
import { createNdjsonSplitter } from './ndjson.ts';
import { parsePushMessage } from './pushStreamMessage.ts';

/** Reads the engine's answer to a pull. */
export interface PullStream {
  /** Takes the next bytes, cut anywhere. Throws a BuildFault `engine_error` at what is no message. */
  write(chunk: Buffer): void;
  /** What came of the pull, once the answer has ended. */
  end(): PullOutcome;
}

export interface PullOutcome {
  /** Of the manifest that was asked for. */
  digest: string | undefined;
  /** The engine's words for what went wrong. */
  error: string | undefined;
  /** How much was fetched, in a few words. */
  summary: string;
  /** The stream stopped inside a message. */
  incomplete: boolean;
}

/** Time between two lines about the progress, in milliseconds. */
const progressMs = 1000;
/** The engine allows an image 127 layers. */
const mostLayers = 1000;

interface Layer {
  state: 'waiting' | 'fetched' | 'present';
  current: number;
  total: number;
}

/** A decoder of the pull stream: of thousands of messages a line a second is left, and only if it is new. */
export function createPullStream(onProgress: (line: string) => void, now: () => number): PullStream {
  const layers = new Map<string, Layer>();
  let digest: string | undefined;
  let error: string | undefined;
  let saidAt = now();
  let said = '';

  const read = (line: string): void => {
    const message = parsePushMessage(line);
    if (message.kind === 'error') error ??= message.error;
    else if (message.kind === 'layer') readLayer(layers, message.layer);
    else digest ??= digestIn(jsonObject(line)['status']);
  };
  const splitter = createNdjsonSplitter((line) => {
    read(line);
    if (now() - saidAt < progressMs) return;
    saidAt = now();
    const progress = progressOf([...layers.values()]);
    if (progress !== said) onProgress(progress);
    said = progress;
  });

  return {
    write: (chunk) => splitter.write(chunk),
    end: () => ({
      digest,
      error,
      summary: summaryOf([...layers.values()]),
      incomplete: splitter.rest() !== '',
    }),
  };
}

function digestIn(status: unknown): string | undefined {
  return typeof status === 'string' ? /^Digest: (\S+)$/.exec(status)?.[1] : undefined;
}

function readLayer(
  layers: Map<string, Layer>,
  message: { id: string; status: string; current: number; total: number },
): void {
  const { id, status, current, total } = message;
  // Its name says which image the engine pulls; that is no layer.
  if (status.startsWith('Pulling from ')) return;
  const layer = layers.get(id) ?? { state: 'waiting', current: 0, total: 0 };
  if (layers.size < mostLayers) layers.set(id, layer);
  if (status === 'Already exists') layer.state = 'present';
  else if (status === 'Pull complete') layer.state = 'fetched';
  else if (status === 'Downloading') Object.assign(layer, { current, total });
  else if (status === 'Download complete') layer.current = layer.total;
}

function progressOf(layers: readonly Layer[]): string {
  const done = layers.filter(({ state }) => state !== 'waiting').length;
  const total = bytesOf(layers, 'total');
  const bytes = total > 0 ? `${megabytes(bytesOf(layers, 'current'))} of ${megabytes(total)} MB, ` : '';
  return `${bytes}${done} of ${layers.length} layers`;
}

/** The engine counts only layers that take it a while. */
function summaryOf(layers: readonly Layer[]): string {
  const fetched = layers.filter(({ state }) => state === 'fetched').length;
  const present = layers.filter(({ state }) => state === 'present').length;
  if (layers.length === 0) return 'it was there already';
  return `${fetched} layers fetched, ${present} there already`;
}

function bytesOf(layers: readonly Layer[], field: 'current' | 'total'): number {
  return layers.reduce((sum, layer) => sum + layer[field], 0);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
