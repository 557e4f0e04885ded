import { randomBytes, randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { encodeHealthy } from '../../model/buildkit/sessionMessages.ts';
import { BuildFault } from '../../model/faults.ts';
import type { Engine } from '../engine/engine.ts';

/** A method that the engine may call while it builds. Messages are protobuf, still encoded. */
export type Method =
  | { path: string; answer: (request: Buffer) => Promise<Buffer> }
  | { path: string; talk: (call: Call) => Promise<void> };

/** A call with messages both ways. */
export type Call = ServerDuplexStream<Buffer, Buffer>;

/** What the engine is answered where it asks for what is not there. */
export class NotThere extends Error {}

/** The connection on which the engine asks for files, credentials, secrets and keys. */
export interface Session extends Disposable {
  readonly id: string;
}

export interface SessionRequest {
  /** The engine keeps one copy of a folder for each key. */
  sharedKey: string;
  methods: readonly Method[];
  /** Called with the first BuildFault that a method ended with. */
  onFault: (fault: BuildFault) => void;
  signal: AbortSignal;
}

/** Opens a session. Rejects as `engine.upgrade` does. */
export async function openSession(
  engine: Engine,
  { sharedKey, methods, onFault, signal }: SessionRequest,
): Promise<Session> {
  const id = randomBytes(16).toString('hex');
  const all = [health, ...methods];
  const headers = {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': `docker-builder-${randomUUID()}`,
    'X-Docker-Expose-Session-Sharedkey': sharedKey,
    'X-Docker-Expose-Session-Grpc-Method': all.map(({ path }) => path),
  };
  const connection = await engine.upgrade({ method: 'POST', path: '/session', headers, signal }, 'h2c');
  // Its end ends the build as well, which says why.
  connection.on('error', () => {});
  return serve(connection, id, all, onFault);
}

const health: Method = {
  path: '/grpc.health.v1.Health/Check',
  // An engine that gets no answer closes the session within seconds.
  answer: () => Promise.resolve(encodeHealthy()),
};

function serve(
  connection: Duplex,
  id: string,
  methods: readonly Method[],
  onFault: (fault: BuildFault) => void,
): Session {
  const server = new Server();
  for (const method of methods) addMethod(server, method, onFault);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  injector.injectConnection(connection);
  return {
    id,
    [Symbol.dispose]() {
      injector.destroy();
      server.forceShutdown();
      connection.destroy();
    },
  };
}

function addMethod(server: Server, method: Method, onFault: (fault: BuildFault) => void): void {
  const failed = (error: unknown) => {
    if (error instanceof BuildFault) onFault(error);
    const code = error instanceof NotThere ? status.NOT_FOUND : status.UNKNOWN;
    return { code, details: error instanceof Error ? error.message : String(error) };
  };
  if ('answer' in method) {
    server.register(method.path, unary(method.answer, failed), pass, pass, 'unary');
    return;
  }
  const talk = async (call: Call): Promise<void> => {
    try {
      await method.talk(call);
      call.end();
    } catch (error) {
      call.emit('error', failed(error));
    }
  };
  server.register<Buffer, Buffer>(method.path, (call: Call) => void talk(call), pass, pass, 'bidi');
}

function unary(
  answer: (request: Buffer) => Promise<Buffer>,
  failed: (error: unknown) => Partial<StatusObject>,
): handleUnaryCall<Buffer, Buffer> {
  const answered = callbackify(answer);
  return ({ request }, callback) => {
    answered(request, (error, value) => (error ? callback(failed(error)) : callback(null, value)));
  };
}

/** Messages are encoded where they are understood. */
function pass(bytes: Buffer): Buffer {
  return bytes;
}
