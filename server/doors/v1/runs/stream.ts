import { once } from 'node:events';
import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import { linesOf } from '../../../room/logs/piece.ts';
import type { Room } from '../../../room/room.ts';
import { Problem } from '../../../words/problems.ts';
import { isTerminal, type Run } from '../../../words/run.ts';
import { StoreUnavailable } from '../../../words/storeUnavailable.ts';
import { statusOf } from '../present/runWords.ts';
import { eventJson } from './events.ts';
import { findRun } from './findRun.ts';
import { alreadyOver } from './one.ts';

const keepaliveMs = 15_000;
const mostReaders = 1000;
/** A reader that leaves more bytes than this waiting from one keepalive to the next is cut off. */
const mostWaiting = 64 * 1024;
const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  // Else nginx keeps the events until it has a buffer full of them.
  'X-Accel-Buffering': 'no',
};

let readers = 0;

/**
 * `GET /v1/runs/{run}/stream`: an event for each change of the status, until the run has ended; with `?logs=true` also
 * one for each line of its log. 410 where it has ended already.
 */
export async function streamRun(room: Room, request: Request, response: Response): Promise<void> {
  const run = await findRun(room, request, response);
  if (isTerminal(run.state)) throw new Problem('gone', alreadyOver);
  if (readers >= mostReaders) throw new Problem('unavailable', 'too many live readers: try again later');
  response.writeHead(200, headers).flushHeaders();
  if (request.method === 'HEAD' || response.destroyed) return void response.end();
  const teller = newTeller(room, run, response, queryOf(request).get('logs') === 'true');
  const end = (): void => void response.end();
  const timer = setInterval(() => keepAlive(response, teller), keepaliveMs).unref();
  const stop = room.events.onRun(run.id, (changed) => teller.tell(changed));
  const letGo = room.keyring.hold(identityOf(response), end);
  room.closing.signal.addEventListener('abort', end, { once: true });
  readers++;
  response.once('close', () => {
    readers--;
    clearInterval(timer);
    stop();
    letGo();
    teller.close();
    room.closing.signal.removeEventListener('abort', end);
  });
  // It may have changed before anybody listened.
  teller.look();
}

function keepAlive(response: Response, teller: Teller): void {
  if (response.writableLength > mostWaiting) response.destroy();
  else response.write(': keepalive\n\n');
  // Events are hints: another server may have done it.
  teller.look();
}

interface Teller {
  tell(run: Run): void;
  /** Tells what the store says. */
  look(): void;
  close(): void;
}

/** Tells one reader everything in order: the lines of a run come before its end. */
function newTeller(room: Room, run: Run, response: Response, withLines: boolean): Teller {
  let status = statusOf(run.state);
  let work: Promise<void> = Promise.resolve();
  let isQueued = false;
  const follower = withLines ? room.logs.follow(run.id, 1, () => more()) : undefined;

  function then(step: () => Promise<void>): void {
    work = work.then(step).catch((error: unknown) => {
      // Each keepalive looks again.
      if (error instanceof StoreUnavailable) return;
      room.report.error({ error, run: run.id }, 'a run could not be followed');
      response.end('event: error\ndata: {"error":"the run could not be followed"}\n\n');
    });
  }

  function more(): void {
    if (isQueued) return;
    isQueued = true;
    then(sendLines);
  }

  async function sendLines(): Promise<void> {
    isQueued = false;
    for (let item = await follower?.take(); item && isOpen(response); item = await follower?.take())
      if (item.kind === 'lines')
        await send(
          response,
          linesOf(item).map((line) => eventJson(run, line)),
        );
  }

  async function sendStatus(changed: Run): Promise<void> {
    const [from, to] = [status, statusOf(changed.state)];
    if (from === to || !isOpen(response)) return;
    if (isTerminal(changed.state)) await sendLines();
    status = to;
    await send(response, [statusChange(changed, from, to, room.now())]);
    if (isTerminal(changed.state)) response.end();
  }

  if (follower) more();
  return {
    tell: (changed) => then(() => sendStatus(changed)),
    look: () =>
      then(async () => {
        const now = await room.store.read.run(run.id);
        // Its job was deleted, and the run with it.
        if (!now) response.end();
        else await sendStatus(now);
      }),
    close: () => follower?.close(),
  };
}

function statusChange({ id, jobId, project }: Run, from: string, to: string, now: number): object {
  const timestamp = new Date(now).toISOString();
  return { type: 'status_change', run_id: id, job_id: jobId, project_id: project, timestamp, from, to };
}

/** Resolves when there is room for more, or the reader is gone. */
async function send(response: Response, messages: readonly object[]): Promise<void> {
  if (!isOpen(response)) return;
  const text = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join('');
  if (response.write(text)) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

function isOpen(response: Response): boolean {
  return !response.destroyed && !response.writableEnded;
}
