import { cutText } from '../../model/cutText.ts';
import { BuildFault } from '../../model/faults.ts';

/** The engine answered with an HTTP status of 400 or more. */
export class EngineRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'EngineRefusal';
    this.status = status;
  }
}

const sshCode = 'ERR_SSH';

/** There is no connection by ssh; the message says why. */
export class SshError extends Error {
  readonly code = sshCode;
}

/** Errors of the connection that say that there is no engine, as opposed to one that went away. */
const unreachable: Record<string, string> = {
  ENOENT: 'there is no socket; start the engine, or set DOCKER_HOST',
  ECONNREFUSED: 'nothing listens there; start the engine',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ETIMEDOUT: 'its host does not answer',
  EACCES: 'this user may not open its socket; add the user to the group docker, or run as root',
  EPERM: 'this user may not open its socket; add the user to the group docker, or run as root',
};

/** Makes of what the transport threw an EngineRefusal, or a BuildFault `engine_unreachable` or `engine_lost`. */
export function transportFault(engine: string, error: unknown): BuildFault | EngineRefusal {
  if (error instanceof BuildFault || error instanceof EngineRefusal) return error;
  const status = property(error, 'statusCode');
  const message = error instanceof Error ? error.message : String(error);
  if (typeof status === 'number')
    return new EngineRefusal(status, cutText(message.replace(/^\(HTTP code \d+\) .*? - /s, '').trim()));
  const code = property(error, 'code');
  const reason = typeof code === 'string' ? unreachable[code] : undefined;
  if (reason !== undefined)
    return new BuildFault('engine_unreachable', `the engine ${engine} cannot be reached: ${reason}`, {
      cause: error,
    });
  const layer = code === sshCode ? 'ssh' : isTlsError(code, message) ? 'TLS' : undefined;
  if (layer !== undefined)
    return new BuildFault(
      'engine_unreachable',
      `the engine ${engine} cannot be reached: ${layer}: ${message}`,
      { cause: error },
    );
  return new BuildFault('engine_lost', `the connection to the engine ${engine} broke: ${message}`, {
    cause: error,
  });
}

const broken = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ABORT_ERR',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether a stream's error says that its connection broke. */
export function isConnectionError(error: unknown): boolean {
  const code = property(error, 'code');
  return typeof code === 'string' && (broken.has(code) || code.startsWith('HPE_'));
}

function isTlsError(code: unknown, message: string): boolean {
  return (
    (typeof code === 'string' &&
      /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) ||
    /certificate/i.test(message)
  );
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
