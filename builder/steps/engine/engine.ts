import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { EngineAddress } from '../../model/engineAddress.ts';
import { BuildFault } from '../../model/faults.ts';
import { engineInfo, type EngineInfo, negotiatedVersion } from './engineInfo.ts';
import { transportFault } from './engineFaults.ts';
import { type Dial, type DialRequest, type RequestHeaders, openTransport, type Query } from './transport.ts';

/** Longest time an engine may take for a short answer, in milliseconds. */
const pingTimeoutMs = 5_000;
const callTimeoutMs = 30_000;

export interface EngineCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** Without the API version. */
  path: string;
  query?: Query;
  /** Sent as JSON. */
  body?: object;
  headers?: RequestHeaders;
  signal?: AbortSignal | undefined;
  /** Milliseconds for the whole answer; 30 s where nothing is said. */
  timeoutMs?: number;
}

export interface EngineStreamCall {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  query?: Query;
  /** A tar stream that is sent as the body; the caller destroys it where the request fails. */
  file?: Readable;
  /** Sent as JSON where there is no file. */
  body?: object;
  headers?: RequestHeaders;
  signal: AbortSignal;
}

/** A Docker daemon behind the Docker Engine API. */
export interface Engine {
  readonly name: string;
  /** Whether it shares this machine's disk and control groups. */
  readonly local: boolean;
  /** Asks what the engine is, at most 5 s long. A BuildFault `engine_unreachable` where it does not answer. */
  ping(signal?: AbortSignal): Promise<EngineInfo>;
  /** What the last ping told; asks where there was none. */
  info(signal?: AbortSignal): Promise<EngineInfo>;
  /**
   * One short request; gives the parsed answer. Throws an EngineRefusal for a status of 400 or more, a BuildFault
   * `engine_unreachable` or `engine_lost` where the engine is away or silent, and the signal's reason.
   */
  call(call: EngineCall): Promise<unknown>;
  /** A request with a streamed answer and no deadline but the signal. Throws as `call` does. */
  open(call: EngineStreamCall): Promise<IncomingMessage>;
  /** Asks the engine to speak another protocol, e.g. `h2c`, on the connection, and gives it. Throws as `call` does. */
  upgrade(call: EngineStreamCall, protocol: string): Promise<Duplex>;
}

/** Connects to nothing yet: the first request does. The API version is the engine's own, up to the newest we know. */
export function connectEngine({ name, address }: { name: string; address: EngineAddress }): Engine {
  let transport: Promise<Dial> | undefined;
  let version: string | undefined;
  let known: EngineInfo | undefined;

  const through = async <T>(signal: AbortSignal, work: (dial: Dial) => Promise<T>): Promise<T> => {
    try {
      transport ??= openTransport(address);
      return await work(await transport.catch(forget));
    } catch (error) {
      throw signal.aborted ? signal.reason : transportFault(name, error);
    }
  };

  const dial = (request: DialRequest): Promise<IncomingMessage> =>
    through(request.signal, (send) => send(request));

  // Certificates that could not be read may be there the next time.
  const forget = (error: unknown): never => {
    transport = undefined;
    throw new BuildFault('engine_unreachable', `the engine ${name} cannot be used: ${String(error)}`, {
      cause: error,
    });
  };

  const negotiate = async (signal: AbortSignal): Promise<string> => {
    const answer = await dial({ method: 'GET', path: '/_ping', signal });
    await text(answer);
    version = negotiatedVersion(answer.headers['api-version']);
    return version;
  };

  const open: Engine['open'] = async (call) =>
    dial({ ...call, path: `${version ?? (await negotiate(call.signal))}${call.path}` });

  const upgrade: Engine['upgrade'] = async (call, protocol) => {
    const path = `${version ?? (await negotiate(call.signal))}${call.path}`;
    return through(call.signal, (transported) => transported.upgrade({ ...call, path }, protocol));
  };

  const call: Engine['call'] = ({ signal, timeoutMs = callTimeoutMs, ...rest }) =>
    withDeadline(name, timeoutMs, signal, async (both) => {
      const path = `${version ?? (await negotiate(both))}${rest.path}`;
      const body = await text(await dial({ ...rest, path, signal: both }));
      return body === '' ? undefined : parse(name, body);
    });

  const ping: Engine['ping'] = (signal) =>
    withDeadline(name, pingTimeoutMs, signal, async (both) => {
      known = undefined;
      const path = `${await negotiate(both)}/info`;
      const body = await text(await dial({ method: 'GET', path, signal: both }));
      known = engineInfo(version, parse(name, body));
      return known;
    });

  return {
    name,
    local: address.kind === 'socket',
    ping,
    info: async (signal) => known ?? (await ping(signal)),
    call,
    open,
    upgrade,
  };
}

async function withDeadline<T>(
  name: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await work(signal ? AbortSignal.any([signal, deadline]) : deadline);
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted)
      throw new BuildFault(
        'engine_unreachable',
        `the engine ${name} did not answer within ${timeoutMs / 1000} s`,
        {
          cause: error,
        },
      );
    throw transportFault(name, error);
  }
}

function parse(name: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new BuildFault('engine_error', `the engine ${name} answered with what is no JSON`, { cause });
  }
}
