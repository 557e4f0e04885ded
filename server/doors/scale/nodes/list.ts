import type { Request, Response } from 'express';
import { queryOf } from '../../../http/route.ts';
import { type KnownEngine, knownEngines } from '../../../room/engines/known.ts';
import type { Room } from '../../../room/room.ts';
import type { Order } from '../../../store/contract/executions.ts';
import { sendPage } from '../paging/sendPage.ts';
import { nodeDetail } from '../present/node.ts';
import { timeRangeOf } from '../query/instants.ts';
import { orderOf } from '../query/order.ts';
import { flagOf } from '../query/flag.ts';
import { sortedBy } from '../query/sorted.ts';

/** Nodes are sorted by any of their own fields. */
const fields = [
  'id',
  'hostname',
  'port',
  'slave_id',
  'pause_reason',
  'is_paused',
  'is_paused_errors',
  'is_active',
  'archived',
  'created',
  'last_offer',
  'last_modified',
] as const;
type NodeField = (typeof fields)[number];
const paths: Readonly<Record<string, NodeField>> = {
  ...Object.fromEntries(fields.map((field) => [field, field])),
  pk: 'id',
};
const usualOrder: readonly Order<NodeField>[] = [{ field: 'last_modified', descending: false }];

/** `GET /nodes/`: those of the settings; with `include_inactive` also those that were in them. */
export async function sendNodes(room: Room, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const { modifiedFrom = -Infinity, modifiedTo = Infinity } = timeRangeOf(query, room.now());
  const all = flagOf(query, 'include_inactive');
  const order = orderOf(query, paths, usualOrder);
  const shown = (await knownEngines(room))
    .filter(({ seat }) => all || seat !== undefined)
    .map((known) => nodeJson(room, known))
    .filter((node) => {
      const modified = Date.parse(String(node['last_modified']));
      return modified >= modifiedFrom && modified <= modifiedTo;
    });
  const sorted = sortedBy(shown, order);
  await sendPage(request, response, {
    count: sorted.length,
    results: async (offset, limit) => sorted.slice(offset, offset + limit),
  });
}

export function nodeJson(room: Room, { engine, seat }: KnownEngine): Record<string, unknown> {
  return nodeDetail(engine, { seat, wish: room.wishes.of(engine.name), now: room.now() });
}
