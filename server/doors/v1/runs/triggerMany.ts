import type { Request, Response } from 'express';
import { oweTriggers } from '../../../http/allowance.ts';
import { bodyOf } from '../../../http/body.ts';
import { identityOf } from '../../../http/identity.ts';
import { runTokenOf } from '../../../room/http/token.ts';
import type { Room } from '../../../room/room.ts';
import type { Submission, Submitted } from '../../../room/submit/submission.ts';
import { submitMany } from '../../../room/submit/submit.ts';
import type { Job } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import type { Identity } from '../../../words/scopes.ts';
import { uuid7 } from '../../../words/uuid7.ts';
import { bodyObject, checked, mistaken, objectOf } from '../body.ts';
import { findJob } from '../findJob.ts';
import { statusOf } from '../present/runWords.ts';
import { bulkItem, mostItems } from '../schemas/runRequests.ts';
import { itemTexts, memberTexts } from '../../../http/jsonTexts.ts';
import { enabled } from './trigger.ts';
import { submissionOf } from './wish.ts';

/** `POST /v1/jobs/{job}/trigger/bulk`: all items become runs, or none does. */
export async function triggerMany(room: Room, request: Request, response: Response): Promise<void> {
  const job = enabled(await findJob(room, request, response));
  const items = itemsOf(bodyObject(request)['items']);
  await oweTriggers(response, items.length - 1);
  const texts = itemTexts(memberTexts(bodyOf(request).toString('utf8')).get('items') ?? '[]');
  const batchId = uuid7(room.now());
  const identity = identityOf(response);
  const submissions = items.map((item, index) =>
    itemWish(job, item, { index, text: texts[index] ?? '{}', identity, batchId }),
  );
  const submitted = await submitMany(room, submissions);
  response.status(201).json({
    batch_id: batchId,
    results: submitted.map((one) => resultJson(room, one)),
    total: submitted.length,
    created: new Set(submitted.flatMap(({ run }) => (run.batchId === batchId ? [run.id] : []))).size,
  });
}

function itemsOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw mistaken(['items is required']);
  if (value.length === 0) throw mistaken(['items must not be empty']);
  if (value.length > mostItems) throw mistaken([`maximum ${mostItems} items`]);
  return value;
}

interface Place {
  index: number;
  /** The item as it was sent. */
  text: string;
  identity: Identity;
  batchId: string;
}

function itemWish(job: Job, item: unknown, { index, text, identity, batchId }: Place): Submission {
  try {
    const body = checked(bulkItem, objectOf(item));
    const payloadText = body.payload === undefined ? undefined : memberTexts(text).get('payload');
    return { ...submissionOf(job, body, payloadText, identity), batchId };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw mistaken((error.details ?? [error.message]).map((sentence) => `items[${index}]: ${sentence}`));
  }
}

function resultJson(room: Room, { outcome, run }: Submitted): object {
  const isHit = outcome === 'idempotent';
  return {
    id: run.id,
    status: statusOf(run.state),
    ...(!isHit && { run_token: runTokenOf(room, run) }),
    idempotency_hit: isHit,
  };
}
