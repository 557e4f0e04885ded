import { BuildFault } from './faults.ts';

export interface EngineComplaint {
  message: string;
  /** Exit code of the failed RUN. */
  code?: number;
}

/** What one message of the engine's build stream says. */
export type BuildMessage =
  | { kind: 'output'; text: string }
  /** State of a layer that is being pulled. */
  | { kind: 'status'; text: string }
  | { kind: 'image'; id: string }
  | { kind: 'error'; error: EngineComplaint }
  | { kind: 'other' };

const open = '{"stream":"';
const close = '"}';

/**
 * The text of a plain `{"stream":"…"}` message without any escape but a last "\n"; undefined where it needs a real
 * parser. Most lines of a log are such, and JSON.parse is half of the cost of a line.
 */
export function plainOutput(line: string): string | undefined {
  if (!line.startsWith(open) || !line.endsWith(close)) return undefined;
  const escape = line.indexOf('\\', open.length);
  const end = line.length - close.length;
  if (line.indexOf('"', open.length) !== end) return undefined;
  if (escape < 0) return line.slice(open.length, end);
  if (escape !== end - 2 || line.charCodeAt(end - 1) !== 110) return undefined;
  return `${line.slice(open.length, escape)}\n`;
}

/** Reads any message; a BuildFault `engine_error` where it is not a JSON object. */
export function parseMessage(line: string): BuildMessage {
  const message = jsonObject(line);
  const { stream, error, errorDetail, aux, status } = message;
  if (typeof stream === 'string') return { kind: 'output', text: stream };
  if (error !== undefined || errorDetail !== undefined)
    return { kind: 'error', error: complaint(error, errorDetail) };
  if (isRecord(aux) && isImageId(aux['ID'])) return { kind: 'image', id: aux['ID'] };
  if (typeof status === 'string') return pullStatus(status, message);
  return { kind: 'other' };
}

/** A message as it is; a BuildFault `engine_error` where it is not a JSON object. */
export function jsonObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw notUnderstood(line, cause);
  }
  if (!isRecord(value)) throw notUnderstood(line);
  return value;
}

function notUnderstood(line: string, cause?: unknown): BuildFault {
  return new BuildFault('engine_error', `the engine sent what is no JSON object: ${line.slice(0, 200)}`, {
    cause,
  });
}

/** What an `error` and an `errorDetail` say together. */
export function complaint(error: unknown, detail: unknown): EngineComplaint {
  const { code, message } = isRecord(detail) ? detail : {};
  const text = typeof message === 'string' && message !== '' ? message : error;
  return {
    message: typeof text === 'string' ? text : 'the engine gave no reason',
    ...(typeof code === 'number' && code !== 0 && { code }),
  };
}

/** Counting progress of a download is left out, as the docker command line does where it has no terminal. */
function pullStatus(status: string, { id, progress }: Record<string, unknown>): BuildMessage {
  if (typeof progress === 'string' && progress !== '') return { kind: 'other' };
  return { kind: 'status', text: typeof id === 'string' && id !== '' ? `${id}: ${status}\n` : `${status}\n` };
}

function isImageId(id: unknown): id is string {
  return typeof id === 'string' && /^sha256:[0-9a-f]{64}$/.test(id);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
