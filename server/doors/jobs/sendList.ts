import { once } from 'node:events';
import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { queryOf } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import type { Run } from '../../words/run.ts';
import { listRuns, parseListQuery, visibleTo } from './list.ts';
import { jobSummaryJson } from './present.ts';

/** `GET /jobs`: an object keyed by id, newest first, written page by page as fast as the reader takes it. */
export async function sendList(room: Room, request: Request, response: Response): Promise<void> {
  const identity = identityOf(response);
  const query = visibleTo(identity, parseListQuery(queryOf(request)));
  if (!query) {
    response.set('X-Total-Count', '0').json({});
    return;
  }
  const pages = listRuns(room, query, identity);
  const first = await pages.next();
  response.set('X-Total-Count', String(await room.store.read.countRuns(query.filter)));
  if (first.done) {
    response.json({});
    return;
  }
  // A page of its own that is full may have more behind it.
  const last = first.value.at(-1);
  if (last && first.value.length === query.limit) response.set('Link', nextLink(request, last));
  response.type('json');
  await writePiece(response, `{${membersOf(first.value)}`);
  for await (const page of pages) await writePiece(response, `,${membersOf(page)}`);
  response.end('}');
}

function membersOf(runs: readonly Run[]): string {
  return runs.map((run) => `${JSON.stringify(run.id)}:${JSON.stringify(jobSummaryJson(run))}`).join(',');
}

function nextLink(request: Request, last: Run): string {
  const query = queryOf(request);
  query.set('before', last.id);
  return `</jobs?${query.toString()}>; rel="next"`;
}

async function writePiece(response: Response, piece: string): Promise<void> {
  if (response.destroyed) throw new Error('the reader is gone');
  if (response.write(piece)) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}
