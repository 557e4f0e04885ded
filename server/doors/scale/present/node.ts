import { breakerState } from '../../../room/engines/breaker.ts';
import type { EngineView } from '../../../room/members/report.ts';
import type { ExecutedOn } from '../../../store/contract/executions.ts';
import type { Wish } from '../../../words/wish.ts';
import { timeOf } from './times.ts';

/** An engine as lists nest it. Its address is the settings' affair: it goes by its name. */
export interface NodeBrief {
  id: number;
  hostname: string;
  port: number;
  slave_id: string;
}

/** How an engine stands now; `seat` is undefined where no member has it now. */
export interface NodeNow {
  seat: EngineView | undefined;
  wish: Wish;
  now: number;
}

export function nodeBrief({ key, name }: ExecutedOn): NodeBrief {
  return { id: key, hostname: name, port: 0, slave_id: name };
}

/** All that is known of an engine itself. When one left the settings nobody noted. */
export function nodeDetail(engine: ExecutedOn, { seat, wish, now }: NodeNow): Record<string, unknown> {
  const seen = timeOf(seat?.lastContactAt ?? null);
  const created = timeOf(engine.createdAt);
  return {
    ...nodeBrief(engine),
    pause_reason: pauseReason(wish),
    is_paused: wish !== 'on',
    is_paused_errors: seat !== undefined && breakerState(seat.breaker, now) === 'open',
    is_active: seat !== undefined,
    archived: null,
    created,
    last_offer: seen,
    last_modified: seen ?? created,
  };
}

function pauseReason(wish: Wish): string | null {
  if (wish === 'on') return null;
  return wish === 'paused' ? 'Paused.' : 'Draining: it finishes what it has.';
}
