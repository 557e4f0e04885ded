import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { pathPart } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import type { ImageSummary } from '../../store/contract/images.ts';
import { digestShape } from '../../words/image.ts';
import { Problem } from '../../words/problems.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import { imageJson } from './present.ts';

/** No image has a higher number. */
const mostKey = 2_147_483_647;

/** `GET /images/{image}` */
export async function sendImage(room: Room, request: Request, response: Response): Promise<void> {
  const image = await findImage(room, request, response);
  const run = await room.store.read.run(image.runId);
  const whole = run?.result?.images.find(({ key }) => key === image.key);
  if (!whole) throw unknown();
  response.json(imageJson(image, whole));
}

/** `GET /images/{image}/provenance`: its build record, as it was written. */
export async function sendProvenance(room: Room, request: Request, response: Response): Promise<void> {
  const { key } = await findImage(room, request, response);
  const record = await room.store.read.provenance(key);
  if (record === undefined) throw new Problem('not_found', 'the image has no build record');
  response.type('json').send(record);
}

/** The image of that number, id or digest: of several the newest that the one who asks may see. */
async function findImage(room: Room, request: Request, response: Response): Promise<ImageSummary> {
  const identity = identityOf(response);
  const name = pathPart(request, 'image').toLowerCase();
  const image = digestShape.test(name) ? await newestOf(room, name, identity) : await numbered(room, name);
  if (!image || !sees(identity, image.project)) throw unknown();
  return image;
}

async function newestOf(
  { store }: Room,
  reference: string,
  identity: Identity,
): Promise<ImageSummary | undefined> {
  const project = identity.kind === 'key' ? identity.project : null;
  const of = project !== null && { of: { project } };
  const [newest] = await store.read.images({ references: [reference], ...of }, { limit: 1 });
  return newest;
}

async function numbered({ store }: Room, name: string): Promise<ImageSummary | undefined> {
  const key = /^\d{1,10}$/.test(name) ? Number(name) : 0;
  return key < 1 || key > mostKey ? undefined : store.read.image(key);
}

function unknown(): Problem {
  return new Problem('not_found', 'image not found');
}
