import { BuildFault } from '../model/faults.ts';
import type { BuildEvent, Phase } from '../model/spec.ts';

interface PhaseOptions {
  /** When it began, in milliseconds since 1970; now where nothing is said. */
  at?: number;
  /** Whether the phase goes on elsewhere, so that its end is not told. */
  goesOn?: (error: unknown) => boolean;
}

/** Does the work of a phase and tells of its beginning and its end. Rejects as the work does. */
export async function inPhase<T>(
  { onEvent }: { onEvent: (event: BuildEvent) => void },
  phase: Phase,
  work: () => Promise<T>,
  { at = Date.now(), goesOn = () => false }: PhaseOptions = {},
): Promise<T> {
  onEvent({ type: 'phase:start', phase, at });
  try {
    const result = await work();
    onEvent({ type: 'phase:end', phase, at: Date.now(), exitCode: 0 });
    return result;
  } catch (error) {
    if (goesOn(error)) throw error;
    const exitCode = (error instanceof BuildFault ? error.exitCode : undefined) ?? 1;
    onEvent({ type: 'phase:end', phase, at: Date.now(), exitCode });
    throw error;
  }
}
