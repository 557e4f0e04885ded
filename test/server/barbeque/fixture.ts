import net from 'node:net';
import type { SettingsDraft } from '../../../server/config/settingsSchema.ts';
import type { JobDefinition } from '../../../server/words/job.ts';
import { openTestWeb, type TestWeb, type WebOptions } from '../access/webFixture.ts';
import { addJob } from '../store/temporaryStore.ts';

export interface RawAnswer {
  status: number;
  statusLine: string;
  /** By lower-case names. */
  headers: Record<string, string>;
  body: string;
}

export interface Barbeque extends TestWeb {
  /** Sends exactly these bytes over a connection of its own and reads the answer whole. */
  raw(request: string): Promise<RawAnswer>;
  /** As the Ruby client does it. */
  enqueue(fields?: Record<string, unknown>, path?: string): Promise<RawAnswer>;
  show(messageId: string, query?: string): Promise<RawAnswer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
}

/** The whole program without engines, with the HTTP job blog/NotifyAuthor, which nobody works on. */
export async function openBarbeque(
  settings: SettingsDraft = {},
  { job = {}, env = {} }: { job?: JobDefinition; env?: NonNullable<WebOptions['env']> } = {},
): Promise<Barbeque> {
  const web = await openTestWeb({ env, settings: { queues: [{ name: 'slow', paused: true }], ...settings } });
  // The tests say themselves what becomes of a run.
  await web.room.wishes.setServer('paused');
  await addNotifyAuthor(web, job);
  const send: Barbeque['send'] = (method, path, body, headers = {}) => {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const all = {
      Host: `localhost:${web.port}`,
      ...(text !== '' && { 'Content-Type': 'application/json' }),
      'Content-Length': String(Buffer.byteLength(text)),
      Connection: 'close',
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    return exchange(web.port, `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${text}`);
  };
  return {
    ...web,
    raw: (request) => exchange(web.port, request),
    send,
    enqueue: (fields = {}, path = '/v2/job_executions') =>
      send('POST', path, {
        application: 'blog',
        job: 'NotifyAuthor',
        message: { recipe_id: 1 },
        queue: 'slow',
        delay_seconds: null,
        ...fields,
      }),
    show: (messageId, query = '') => send('GET', `/v1/job_executions/${messageId}${query}`),
  };
}

/** What a JSON body says. */
export function jsonOf({ body }: RawAnswer): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}

export async function addNotifyAuthor(
  { room }: Pick<TestWeb, 'room'>,
  definition: JobDefinition = {},
): Promise<void> {
  await room.store.write((tx) =>
    addJob(tx, {
      project: 'blog',
      slug: 'NotifyAuthor',
      kind: 'http',
      definition: { http: { url: 'http://127.0.0.1:9/' }, maxAttempts: 2, ...definition },
    }),
  );
}

async function exchange(port: number, request: string): Promise<RawAnswer> {
  const socket = net.connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', resolve).on('error', reject);
    socket.write(request);
  });
  socket.destroy();
  const text = Buffer.concat(chunks).toString();
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', value = ''] = line.split(/: ?(.*)/s);
    return [name.toLowerCase(), value] as const;
  });
  return {
    statusLine,
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: text.slice(end + 4),
  };
}
