import type { Configuration } from '../configuration.ts';
import { setQueues } from '../room/queues/queues.ts';
import type { Room } from '../room/room.ts';
import type { Queue } from '../store/contract/lines.ts';
import { serves } from '../words/member.ts';

/**
 * Makes the queues what settings.json says, now and whenever that changes. Of several servers the one counts that said
 * something last; at a start it is told where that was another one.
 */
export async function declareQueues(room: Room, configuration: Configuration): Promise<void> {
  const changed = await setQueues(room, queuesOf(configuration));
  const others = changed.length === 0 ? [] : await otherServers(room);
  if (others.length > 0)
    room.report.warn(
      { queues: changed, servers: others },
      'another server has other queues in its settings.json: those of this one count now; make them the same',
    );
  configuration.onChange(() => void change(room, configuration));
}

async function change(room: Room, configuration: Configuration): Promise<void> {
  try {
    await setQueues(room, queuesOf(configuration));
  } catch (error) {
    room.report.error({ error }, 'the changed queues are not in use yet; the next start takes them');
  }
}

async function otherServers({ fleet }: Room): Promise<string[]> {
  const [, ...others] = await fleet.members();
  return others.filter(({ role, isLost }) => serves(role) && !isLost).map(({ name }) => name);
}

function queuesOf({ current }: Configuration): Queue[] {
  return current.settings.queues.map(({ maxRunning = null, ...queue }) => ({ ...queue, maxRunning }));
}
