import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createJob } from '../../../server/room/jobs/create.ts';
import type { DefinitionWish } from '../../../server/room/jobs/definition.ts';
import type { Submission, Submitted } from '../../../server/room/submit/submission.ts';
import { submit } from '../../../server/room/submit/submit.ts';
import type { Job } from '../../../server/words/job.ts';
import { isTerminal, type Run } from '../../../server/words/run.ts';
import { dropNotifications } from '../../fixtures/dropNotifications.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openTestWeb, type TestWeb, type WebOptions } from '../access/webFixture.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';

export const ways = ['by notifications', 'by polling alone'] as const;
export type Way = (typeof ways)[number];

/** Several servers on one database, in one process, and an endpoint that their HTTP jobs call. */
export interface Rooms {
  readonly webs: readonly TestWeb[];
  readonly database: FreshDatabase;
  /** Calls of the endpoint: the id of the run of each, or of the notification. */
  readonly calls: string[];
  /** From now on this one works on nothing. */
  rest(web: TestWeb): Promise<void>;
  /** A new HTTP job, made at the first server. Its calls are answered with a status. */
  job(definition?: DefinitionWish, status?: number): Promise<Job>;
  trigger(
    web: TestWeb,
    job: Job,
    wish?: Omit<Partial<Submission>, 'payload'> & { payload?: unknown },
  ): Promise<Submitted>;
  /** The run when it has ended, as the database says. */
  ended(run: Pick<Run, 'id'>): Promise<Run>;
  runs(job: Job): Promise<Run[]>;
  /** Holds back the answers to calls until it is called. */
  hold(): () => void;
  /** Where notifications go. */
  readonly inbox: string;
  close(): Promise<void>;
}

export interface RoomsOptions extends Pick<WebOptions, 'env'> {
  /** Of each server, by its number from 0. */
  engines?: (server: number) => NonNullable<WebOptions['engines']>;
}

export async function openRooms(
  count: number,
  way: Way = 'by notifications',
  { env, engines = () => [] }: RoomsOptions = {},
): Promise<Rooms> {
  const database = await freshDatabase();
  const undo = way === 'by polling alone' ? await dropNotifications(database) : async () => undefined;
  const endpoint = await openEndpoint();
  const common = {
    DATABASE: database.url,
    ALLOW_PRIVATE: '1',
    SECRETKEY: '0'.repeat(64),
    LEASE: '5',
    ...env,
  };
  const webs: TestWeb[] = [];
  for (let n = 0; n < count; n++)
    webs.push(await openTestWeb({ engines: engines(n), env: { NAME: `member-${n}`, ...common } }));
  const [first] = webs;
  if (!first) throw new Error('a cluster has at least one member');
  let jobs = 0;
  return {
    webs,
    database,
    calls: endpoint.calls,
    inbox: `${endpoint.url}inbox`,
    hold: endpoint.hold,
    async rest({ room }) {
      await room.wishes.setMember(room.fleet.me.name, 'paused');
    },
    job: (definition = {}, status = 200) =>
      createJob(first.room, {
        project: 'acme',
        slug: `job-${++jobs}`,
        kind: 'http',
        enabled: true,
        definition: { ...definition, http: { url: `${endpoint.url}${status}` } },
        createdBy: null,
      }),
    trigger: ({ room }, { id }, { payload, ...wish } = {}) =>
      submit(room, {
        job: { id },
        trigger: 'api',
        ...wish,
        ...(payload !== undefined && { payload: { value: payload, text: JSON.stringify(payload) } }),
      }),
    ended: ({ id }) =>
      waitFor('the end of the run', async () => {
        const run = await first.room.store.read.run(id);
        return run && isTerminal(run.state) && run;
      }),
    runs: async ({ id }) => (await first.room.store.read.searchRuns({ jobId: id }, { limit: 100 })).runs,
    async close() {
      endpoint.close();
      await Promise.all(webs.map((web) => web.close()));
      await undo();
      await database.giveBack();
    },
  };
}

interface Endpoint {
  url: string;
  calls: string[];
  hold(): () => void;
  close(): void;
}

async function openEndpoint(): Promise<Endpoint> {
  const calls: string[] = [];
  let held: Promise<void> = Promise.resolve();
  const server: Server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request.resume();
    calls.push(String(headers['x-run-id'] ?? headers['webhook-id'] ?? request.url));
    await held;
    response.writeHead(Number(request.url?.slice(1)) || 200).end('{"ok":true}');
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
