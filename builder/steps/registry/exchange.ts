import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { RegistryFault } from './registryFaults.ts';

// An `import` of it would load an HTTP client of 4 MB, too, that it shows as its WebSocket.
const http = process.getBuiltinModule('node:http');

export interface Question {
  method: 'GET' | 'PUT' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
}

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Manifests are some KiB; the distribution protocol allows 4 MiB. */
const maxBytes = 4 * 1024 * 1024;
const timeoutMs = 30_000;

/**
 * One request, and its whole answer, within 30 s; redirects are not followed. Rejects with a RegistryFault
 * `registry_unreachable` where the connection breaks, `push_failed` for what is longer than a manifest may be, and with
 * the signal's reason.
 */
export async function exchange(question: Question, signal: AbortSignal): Promise<Answer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await ask(question, AbortSignal.any([signal, deadline]));
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryFault) throw error;
    const why = deadline.aborted ? `no answer within ${timeoutMs / 1000} s` : messageOf(error);
    throw new RegistryFault('registry_unreachable', `${question.url.host} could not be reached: ${why}`, {
      cause: error,
    });
  }
}

function ask({ method, url, headers, body }: Question, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // A connection for each: there are few, and none is left open.
  request(url, { method, headers, signal, agent: false }, resolve).on('error', reject).end(body);
  return promise;
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new RegistryFault('push_failed', 'the registry sent more than a manifest may be');
  }
  return Buffer.concat(chunks);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
