import type { EngineInfo } from '../../../builder/steps/engine/engineInfo.ts';
import { askVersion } from '../../../builder/steps/engine/engineVersion.ts';
import { knownHoles } from '../../../builder/model/knownHoles.ts';
import type { Report } from '../room.ts';
import type { EngineSeat } from './seat.ts';

export interface CheckOptions {
  report: Report;
  /** Puts an engine in order that answers again, before it gets work. */
  greet: (seat: EngineSeat) => Promise<void>;
  /** Done at every check of an engine that answers. */
  tend: (seat: EngineSeat) => Promise<void>;
  /** Called when an engine can take (more) work. */
  onReachable: () => void;
  now: () => number;
}

/** Asks an engine whether it is there, and notes in its seat what it says. Never rejects. */
export async function checkSeat(seat: EngineSeat, options: CheckOptions): Promise<void> {
  const { engine } = seat;
  let wasOk = seat.state === 'ok';
  try {
    const info = await engine.ping();
    seat.lastContactAt = options.now();
    // At the same address another one may answer.
    wasOk &&= seat.about?.daemon === info.id;
    if (!wasOk || seat.about?.version !== info.version) await meet(seat, info, options.report);
    if (!wasOk) await options.greet(seat);
    await options.tend(seat);
  } catch (error) {
    markUnreachable(seat, error instanceof Error ? error.message : String(error), options.report);
    return;
  }
  // One that was suspected meanwhile is greeted by the next check first.
  if (wasOk) return;
  seat.state = 'ok';
  seat.problem = undefined;
  options.report.info({ engine: engine.name }, 'engine answers');
  options.onReachable();
}

/** Told once an outage; the seat keeps the newest problem. */
export function markUnreachable(seat: EngineSeat, problem: string, report: Report): void {
  if (seat.state !== 'unreachable')
    report.warn({ engine: seat.engine.name, problem }, 'engine does not answer: its builds wait');
  seat.state = 'unreachable';
  seat.problem = problem;
}

/** What is known of its version is told once. */
async function meet(seat: EngineSeat, info: EngineInfo, report: Report): Promise<void> {
  const { id: daemon, version, apiVersion, cpus, memory } = info;
  const { platform, components } = await askVersion(seat.engine);
  const warnings = knownHoles(components);
  const before = seat.about?.warnings ?? [];
  for (const warning of warnings)
    if (!before.includes(warning))
      report.warn({ engine: seat.engine.name, warning }, 'engine with a known hole');
  seat.about = { daemon, version, apiVersion, platform, cpus, memory, warnings };
}
