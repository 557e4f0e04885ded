import { given } from '../../../builder/model/given.ts';
import { breakerState } from '../../room/engines/breaker.ts';
import { type EngineSeat, labelsOf } from '../../room/engines/seat.ts';
import type { Wish } from '../../words/wish.ts';
import type { ShownEngine } from './schemas.ts';

export function engineJson(seat: EngineSeat, wish: Wish, now: number): ShownEngine {
  const { engine, state, problem, lastContactAt, about, slots, busy, terms, dedicated, disk } = seat;
  return {
    name: engine.name,
    state: state === 'ok' && wish !== 'on' ? wish : state,
    wish,
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

function breakerJson({ breaker }: EngineSeat, now: number): ShownEngine['breaker'] {
  const state = breakerState(breaker, now);
  const openUntil = state === 'open' ? timeOf(breaker.openUntil) : undefined;
  return { state, failures: breaker.failures, ...given({ open_until: openUntil }) };
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
