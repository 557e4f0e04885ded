import { readFile } from 'node:fs/promises';
import type { Agent, IncomingMessage } from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex, type Readable } from 'node:stream';
import { inspect } from 'node:util';
import type { Certificates, EngineAddress } from '../../model/engineAddress.ts';
import { SshAgent } from './sshAgent.ts';

// An `import` of it would load an HTTP client of 4 MB, too, that it shows as its WebSocket.
const http = process.getBuiltinModule('node:http');

/** A query value; lists become repeated keys. */
export type Query = Record<string, string | number | readonly string[]>;

/** A list of values becomes repeated headers. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface DialRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Query | undefined;
  /** A tar stream. */
  file?: Readable | undefined;
  /** Sent as JSON where there is no file. */
  body?: object | undefined;
  headers?: RequestHeaders | undefined;
  signal: AbortSignal;
}

export interface Dial {
  /** Sends a request; gives the answer as soon as its head is there. Rejects with the modem's own errors. */
  (request: DialRequest): Promise<IncomingMessage>;
  /** Asks the engine to speak another protocol on the connection, which it gives. Rejects as above. */
  upgrade(request: DialRequest, protocol: string): Promise<Duplex>;
}

/** The part of dockerode that is used: its transport over unix sockets, TCP and TLS. */
interface Modem {
  dial(options: object, callback: (error: unknown, answer: unknown) => void): void;
}

const succeeded = { 200: true, 201: true, 204: true };
const keepAliveMs = 30_000;

/** Loads it on first use and not at the start: it takes up to 50 ms and 5 MB. */
export async function openTransport(address: EngineAddress): Promise<Dial> {
  const modem = newModem(await dockerodeOptions(address));
  return Object.assign((request: DialRequest) => dial(modem, request), {
    upgrade: (request: DialRequest, protocol: string) => upgrade(modem, request, protocol),
  });
}

/**
 * What `new Docker(options).modem` is. All the rest of dockerode would come with a BuildKit session, which we have of
 * our own, and its gRPC: 10 MB.
 */
function newModem(options: object): Modem {
  const ofDockerode = createRequire(import.meta.resolve('dockerode'));
  const found: unknown = ofDockerode('docker-modem');
  const modem: unknown = typeof found === 'function' ? Reflect.construct(found, [options]) : undefined;
  if (!isModem(modem)) throw new TypeError('dockerode has no modem that dials');
  return modem;
}

async function dial(modem: Modem, request: DialRequest): Promise<IncomingMessage> {
  const answer = await ask(modem, { ...dialOptions(request), isStream: true });
  if (!(answer instanceof http.IncomingMessage)) throw new TypeError('the answer is no HTTP answer');
  return answer;
}

async function upgrade(modem: Modem, request: DialRequest, protocol: string): Promise<Duplex> {
  const { headers, ...options } = dialOptions(request);
  const asked = { ...options, isStream: true, hijack: true };
  const connection = await ask(modem, { ...asked, headers: { ...headers, Upgrade: protocol } });
  if (connection instanceof Duplex) return connection;
  throw new TypeError('the engine did not change the protocol');
}

function dialOptions({ method, path, query = {}, file, body = {}, headers, signal }: DialRequest) {
  return {
    method,
    path: `${path}?`,
    options: { _query: query, _body: body },
    file,
    headers: { ...headers },
    abortSignal: signal,
    statusCodes: succeeded,
  };
}

function ask(modem: Modem, options: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
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
    return { ...common, socketPath: address.path, agent: undescribed(new http.Agent(agentOptions)) };
  // The name is for the Host header only.
  if (address.kind === 'ssh') return { ...common, host: 'docker', agent: undescribed(new SshAgent(address)) };
  const { host, port } = address;
  const named = { ...common, host: host.includes(':') ? `[${host}]` : host, port };
  if (address.kind === 'tcp') return { ...named, agent: keptAlive(new http.Agent(agentOptions)) };
  const certificates = await loadCertificates(address.certificates);
  return { ...named, protocol: 'https', ...certificates, agent: keptAlive(new https.Agent(agentOptions)) };
}

// A pooled connection that went stale with a restart of the engine would look like a lost engine.
const agentOptions = { keepAlive: false };

/** A quiet RUN may take hours, so there is no idle timeout; TCP's own probes notice a peer that is gone. */
function keptAlive<T extends Agent>(agent: T): T {
  const createConnection = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    if (socket instanceof Socket) socket.setKeepAlive(true, keepAliveMs);
    return socket;
  };
  return undescribed(agent);
}

/**
 * The modem makes a text of each request for its debug output, also where nobody reads that, and of the agent with all
 * that goes on over its connections: megabytes a request where several builds run.
 */
function undescribed<T extends Agent>(agent: T): T {
  return Object.assign(agent, { [inspect.custom]: () => 'agent' });
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
