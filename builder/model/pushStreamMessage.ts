import { complaint, isRecord, jsonObject } from './buildStreamMessage.ts';

export interface PushedManifest {
  /** `sha256:…` */
  digest: string;
  /** Bytes of the manifest. */
  size: number;
}

export interface LayerMessage {
  /** The beginning of the layer's id. */
  id: string;
  status: string;
  /** Bytes; 0 where nothing is said. */
  current: number;
  total: number;
}

/** What one message of the engine's push stream says. */
export type PushMessage =
  | { kind: 'layer'; layer: LayerMessage }
  | { kind: 'pushed'; manifest: PushedManifest }
  | { kind: 'error'; error: string }
  | { kind: 'other' };

const digestShape = /^sha256:[0-9a-f]{64}$/;
/** Engines that store images in containerd say the digest only so. */
const digestText = /(?:^|: )digest: (?<digest>sha256:[0-9a-f]{64}) size: (?<size>\d{1,15})$/;

/** Reads any message; a BuildFault `engine_error` where it is not a JSON object. */
export function parsePushMessage(line: string): PushMessage {
  const { id, status, aux, error, errorDetail, progressDetail } = jsonObject(line);
  if (error !== undefined || errorDetail !== undefined)
    return { kind: 'error', error: complaint(error, errorDetail).message };
  if (isRecord(aux)) return auxMessage(aux);
  if (typeof status !== 'string') return { kind: 'other' };
  const said = digestText.exec(status)?.groups;
  if (said) return pushedMessage(said['digest'] ?? '', Number(said['size']));
  if (typeof id !== 'string' || id === '') return { kind: 'other' };
  const { current, total } = isRecord(progressDetail) ? progressDetail : {};
  return { kind: 'layer', layer: { id, status, current: bytes(current), total: bytes(total) } };
}

function auxMessage({ Digest, Size }: Record<string, unknown>): PushMessage {
  return typeof Digest === 'string' && digestShape.test(Digest)
    ? pushedMessage(Digest, bytes(Size))
    : { kind: 'other' };
}

function pushedMessage(digest: string, size: number): PushMessage {
  return { kind: 'pushed', manifest: { digest, size } };
}

function bytes(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
