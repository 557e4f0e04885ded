import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Certificates, EngineAddress } from '../../model/engineAddress.ts';

/** A query value; lists become repeated keys. */
export type Query = Record<string, string | number | readonly string[]>;

export interface DialRequest {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Query | undefined;
  /** A tar stream. */
  file?: Readable | undefined;
  signal: AbortSignal;
}

/** Sends a request; gives the answer as soon as its head is there. Rejects with the modem's own errors. */
export type Dial = (request: DialRequest) => Promise<IncomingMessage>;

/** The part of dockerode that is used: its transport over unix sockets, TCP and TLS. */
interface Modem {
  dial(options: object, callback: (error: unknown, answer: IncomingMessage) => void): void;
}

const succeeded = { 200: true, 201: true, 204: true };
const keepAliveMs = 30_000;

/** Loads dockerode, which costs up to 100 ms and 15 MB, so it is done on first use and not at the start. */
export async function openTransport(address: EngineAddress): Promise<Dial> {
  const { default: Docker } = await import('dockerode');
  const modem: unknown = new Docker(await dockerodeOptions(address)).modem;
  if (!isModem(modem)) throw new TypeError('dockerode has no modem that dials');
  return (request) => dial(modem, request);
}

function dial(
  modem: Modem,
  { method, path, query = {}, file, signal }: DialRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      path: `${path}?`,
      options: { _query: query, _body: {} },
      file,
      abortSignal: signal,
      isStream: true,
      statusCodes: succeeded,
    };
    modem.dial(options, (error, answer) => {
      if (error instanceof Error) reject(error);
      else resolve(answer);
    });
  });
}

/** All keys are given: what is left out, dockerode takes from DOCKER_HOST, which may name another engine. */
async function dockerodeOptions(address: EngineAddress): Promise<object> {
  const nothing = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    protocol: 'http',
    pathPrefix: '/',
  };
  const common = { ...nothing, ca: undefined, cert: undefined, key: undefined, timeout: undefined };
  if (address.kind === 'socket')
    return { ...common, socketPath: address.path, agent: new http.Agent(agentOptions) };
  const { host, port } = address;
  const named = { ...common, host: host.includes(':') ? `[${host}]` : host, port };
  if (address.kind === 'tcp') return { ...named, agent: keptAlive(new http.Agent(agentOptions)) };
  const certificates = await loadCertificates(address.certificates);
  return { ...named, protocol: 'https', ...certificates, agent: keptAlive(new https.Agent(agentOptions)) };
}

// A pooled connection that went stale with a restart of the engine would look like a lost engine.
const agentOptions = { keepAlive: false };

/** A quiet RUN may take hours, so there is no idle timeout; TCP's own probes notice a peer that is gone. */
function keptAlive<T extends http.Agent>(agent: T): T {
  const createConnection = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    if (socket instanceof Socket) socket.setKeepAlive(true, keepAliveMs);
    return socket;
  };
  return agent;
}

async function loadCertificates(source: Certificates | { folder: string }): Promise<Certificates> {
  if (!('folder' in source)) return source;
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(source.folder, name))),
  );
  if (!ca || !cert || !key) throw new TypeError('unreachable: three files were read');
  return { ca, cert, key };
}

function isModem(value: unknown): value is Modem {
  return typeof value === 'object' && value !== null && 'dial' in value && typeof value.dial === 'function';
}
