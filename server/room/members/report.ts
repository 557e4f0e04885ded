import type { Wish } from '../../words/wish.ts';
import type { EngineSeat } from '../engines/seat.ts';

/** What a member tells of one of its engines. */
export interface EngineView extends Omit<EngineSeat, 'engine'> {
  name: string;
}

/** What a member tells of itself. */
export interface MemberReport {
  version: string;
  labels: Readonly<Record<string, string>>;
  /** What it knows that it is to do: take what there is, finish what it has, or end. */
  doing: Wish | 'stopping';
  /** Attempts that it works on, or is about to. */
  running: number;
  engines: readonly EngineView[];
  /** How long the leases last that it takes. */
  leaseMs: number;
}

export function viewOf({ engine, ...seat }: EngineSeat): EngineView {
  return { name: engine.name, ...seat };
}

/** Members are one version apart at most: they understand each other, but for what one of them does not say yet. */
export function readReport(text: string): MemberReport {
  const told = JSON.parse(text) as Partial<MemberReport>;
  return { version: 'unknown', labels: {}, doing: 'on', running: 0, engines: [], leaseMs: 0, ...told };
}
