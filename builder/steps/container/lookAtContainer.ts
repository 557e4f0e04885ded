import type { Mark } from '../../model/spec.ts';
import { asNumber, asRecord, asText, asTexts } from '../engine/answers.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineRefusal } from '../engine/engineFaults.ts';
import { attemptLabel, containerName, storeLabel } from '../engine/labels.ts';

/** What an engine knows of a container. */
export interface KnownContainer {
  id: string;
  /** `sha256:…` */
  imageId: string;
  status: 'created' | 'running' | 'exited';
  exitCode: number;
  outOfMemory: boolean;
  /** By the engine's clock, in milliseconds since 1970; of use only where it was started. */
  startedAt: number;
  /** The same of its end; of use only where it has exited. */
  endedAt: number;
}

/**
 * Looks for the container of an attempt; undefined where there is none, or one of that name that is not ours. Rejects
 * as `engine.call` does.
 */
export async function lookAtContainer(
  engine: Engine,
  mark: Mark,
  signal?: AbortSignal,
): Promise<KnownContainer | undefined> {
  try {
    const path = `/containers/${containerName(mark)}/json`;
    const found = asRecord(await engine.call({ method: 'GET', path, signal }));
    return isOurs(found, mark) ? knownContainer(found) : undefined;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}

function isOurs(found: Record<string, unknown>, { store, attempt }: Mark): boolean {
  const labels = asTexts(asRecord(found['Config'])['Labels']);
  return labels[storeLabel] === store && labels[attemptLabel] === attempt;
}

function knownContainer(found: Record<string, unknown>): KnownContainer | undefined {
  const state = asRecord(found['State']);
  const status = statusOf(asText(state['Status']));
  if (!status) return undefined;
  return {
    id: asText(found['Id']),
    imageId: asText(found['Image']),
    status,
    exitCode: asNumber(state['ExitCode']),
    outOfMemory: state['OOMKilled'] === true,
    startedAt: Date.parse(asText(state['StartedAt'])),
    endedAt: Date.parse(asText(state['FinishedAt'])),
  };
}

/** Undefined where it is about to go. */
function statusOf(status: string): KnownContainer['status'] | undefined {
  if (status === 'created' || status === 'exited') return status;
  return status === 'running' || status === 'paused' || status === 'restarting' ? 'running' : undefined;
}
