import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { cursorOf, type Paging, pagingOf, sendPage } from '../../http/paging.ts';
import { queryOf } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import type { ImageFilter, ImageSummary } from '../../store/contract/images.ts';
import { filterOf } from './filter.ts';
import { summaryJson } from './present.ts';

/** `GET /images`: newest first. */
export async function sendImages(room: Room, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const paging = pagingOf(
    query,
    'the next_cursor of the page before it, or a time such as 2026-01-31T12:00:00Z',
  );
  const filter = await filterOf(room, identityOf(response), query);
  const found = filter ? await imagesOf(room, filter, paging) : [];
  await sendPage(request, response, paging, found, {
    present: summaryJson,
    place: ({ builtAt, key }) => cursorOf(builtAt, key),
  });
}

function imagesOf(
  { store }: Room,
  filter: ImageFilter,
  { limit, createdBefore, beforeNumber }: Paging,
): Promise<ImageSummary[]> {
  return store.read.images(filter, {
    limit: limit + 1,
    ...(createdBefore !== undefined && { createdBefore }),
    ...(beforeNumber !== undefined && { beforeKey: beforeNumber }),
  });
}
