import { given } from '../../../builder/model/given.ts';
import { labelsOf } from '../../room/engines/seat.ts';
import type { SeenMember } from '../../room/members/fleet.ts';
import { isIdle } from '../../room/members/idle.ts';
import type { EngineView } from '../../room/members/report.ts';
import type { Room } from '../../room/room.ts';
import type { Wish } from '../../words/wish.ts';
import type { ShownWorker } from './schemas.ts';

export function workerJson({ wishes }: Pick<Room, 'wishes'>, member: SeenMember): ShownWorker {
  const { name, id, role, host, pid, version, labels, startedAt, seenAt, running, engines } = member;
  const wish = wishes.ofMember(name);
  const sum = (of: (engine: EngineView) => number): number => engines.reduce((all, one) => all + of(one), 0);
  return {
    name,
    id,
    role,
    state: stateOf(member, wish),
    wish,
    host,
    pid,
    version,
    labels: { ...labels },
    started_at: new Date(startedAt).toISOString(),
    last_seen_at: new Date(seenAt).toISOString(),
    slots: sum(({ slots }) => slots),
    busy: sum(({ busy }) => busy),
    running,
    idle: isIdle(member, wish),
    engines: engines.map((engine) => engineJson(engine, wishes.of(engine.name))),
  };
}

function stateOf({ isLost, doing }: SeenMember, wish: Wish): ShownWorker['state'] {
  if (isLost) return 'lost';
  if (doing === 'stopping') return 'stopping';
  return wish === 'on' ? 'ok' : wish;
}

function engineJson(engine: EngineView, wish: Wish): ShownWorker['engines'][number] {
  const { name, state, slots, busy } = engine;
  const { platform } = labelsOf(engine);
  return { name, state: state === 'ok' && wish !== 'on' ? wish : state, ...given({ platform }), slots, busy };
}
