import type { Request, Response } from 'express';
import type { Room } from '../../../room/room.ts';
import { resourcesOf, sumOf } from '../nodes/resources.ts';
import { addressOf } from '../paths.ts';

/** `GET /status/`: the server stands for master and scheduler. */
export async function sendStatus(room: Room, request: Request, response: Response): Promise<void> {
  const { hostname, port } = placeOf(request);
  const resources = (await room.fleet.engines()).map(resourcesOf);
  response.json({
    master: { is_online: true, hostname, port },
    scheduler: { is_online: true, is_paused: room.wishes.server() !== 'on', hostname },
    queue_depth: await room.store.read.countRuns({ states: ['queued'] }),
    resources: sumOf(resources.filter((one) => one !== undefined)),
  });
}

/** Where the client finds the server; what it says in Host may be no name of anything. */
function placeOf(request: Request): { hostname: string; port: number } {
  const { localAddress = '', localPort = 0 } = request.socket;
  const address = URL.parse(addressOf(request).server);
  if (!address) return { hostname: localAddress, port: localPort };
  const usualPort = address.protocol === 'https:' ? 443 : 80;
  return { hostname: address.hostname, port: Number(address.port || usualPort) };
}
