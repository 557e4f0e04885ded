import type { IncomingMessage } from 'node:http';
import type { Engine } from './engine.ts';

/** A busy engine tells of it some time after the container's end. */
const waitMs = 1000;

/**
 * Whether the engine says that a process of the container passed the memory limit. The container is gone by then,
 * only the engine's newest events still tell of it. They are read without a time in them, because a distant engine's
 * clock may differ; it sends the past ones at once.
 */
export async function ranOutOfMemory(
  engine: Engine,
  container: string,
  signal: AbortSignal,
): Promise<boolean> {
  const filters = JSON.stringify({ type: ['container'], event: ['oom'], container: [container] });
  const both = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  try {
    const events = await engine.open({
      method: 'GET',
      path: '/events',
      query: { since: 1, filters },
      signal: both,
    });
    return await saysAnything(events);
  } catch {
    return false;
  }
}

async function saysAnything(events: IncomingMessage): Promise<boolean> {
  for await (const chunk of events) if (String(chunk).trim() !== '') return true;
  return false;
}
