import type { ContainerMessage, MessageWay } from '../../../builder/model/container.ts';
import type { Run } from '../../words/run.ts';
import type { Retries } from './retries.ts';

/** What every container is told of its run, by the names that Barbeque gave them, whichever door made the run. */
export function runEnvironment(
  { slug, queue, createdAt }: Pick<Run, 'slug' | 'queue' | 'createdAt'>,
  { originalId, count }: Retries,
): Record<string, string> {
  return {
    BARBEQUE_JOB: slug,
    BARBEQUE_MESSAGE_ID: originalId,
    BARBEQUE_QUEUE_NAME: queue,
    BARBEQUE_RETRY_COUNT: String(count),
    BARBEQUE_SENT_TIMESTAMP: String(createdAt),
  };
}

/** The payload as it was sent; nothing is JSON's null. */
export function messageOf(payload: string | null, way: MessageWay = 'env'): ContainerMessage {
  return { name: 'BARBEQUE_MESSAGE', text: payload ?? 'null', way };
}
