import { given } from '../../../builder/model/given.ts';
import { breakerState } from '../../room/engines/breaker.ts';
import { labelsOf } from '../../room/engines/seat.ts';
import type { SeenEngine } from '../../room/members/fleet.ts';
import { heldBack, type Wish } from '../../words/wish.ts';
import type { ShownEngine } from './schemas.ts';

export interface EngineWishes {
  own: Wish;
  ofWorker: Wish;
}

/** `wishes` are what was asked of the engine, and of its worker. */
export function engineJson(seat: SeenEngine, wishes: EngineWishes, now: number): ShownEngine {
  const { name, worker, state, problem, lastContactAt, about, slots, busy, terms, dedicated, disk } = seat;
  const { own, ofWorker } = wishes;
  const held = heldBack(ofWorker, own);
  return {
    name,
    worker,
    state: state === 'ok' && held !== 'on' ? held : state,
    wish: own,
    ...given({
      problem,
      last_contact_at: timeOf(lastContactAt),
      version: about?.version,
      api_version: about?.apiVersion,
    }),
    labels: labelsOf(seat),
    slots,
    busy,
    ...given({ memory_bytes: terms.memoryBytes, cpus: terms.cpus, network: terms.network }),
    dedicated,
    ...(disk && { disk: { high_bytes: disk.highBytes, low_bytes: disk.lowBytes } }),
    breaker: breakerJson(seat, now),
    warnings: [...(about?.warnings ?? [])],
  };
}

function breakerJson({ breaker }: SeenEngine, now: number): ShownEngine['breaker'] {
  const state = breakerState(breaker, now);
  const openUntil = state === 'open' ? timeOf(breaker.openUntil) : undefined;
  return { state, failures: breaker.failures, ...given({ open_until: openUntil }) };
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
