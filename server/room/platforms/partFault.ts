import { BuildFault, faultKinds, type Reason } from '../../../builder/model/faults.ts';
import type { Run } from '../../words/run.ts';

/** A child run ended without its image. It says nothing about the engine that its parent is on. */
export class PartFault extends BuildFault {}

/** What the end of a child run is for its parent. */
export function partFault({ id, state, reason, error }: Run, platform: string): PartFault {
  const why = error ?? state;
  return new PartFault(reasonOf(state, reason), `${platform}: ${why} (see run ${id})`, { phase: 'build' });
}

function reasonOf(state: Run['state'], reason: string | null): Reason {
  if (state === 'canceled') return 'canceled';
  return reason !== null && isReason(reason) ? reason : 'internal';
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(faultKinds, text);
}
