import type { Request, Response } from 'express';
import { bodyOf } from '../../../http/body.ts';
import { identityOf } from '../../../http/identity.ts';
import { runTokenOf } from '../../../room/http/token.ts';
import type { Room } from '../../../room/room.ts';
import { preview } from '../../../room/submit/preview.ts';
import type { Submission, Submitted } from '../../../room/submit/submission.ts';
import { submit } from '../../../room/submit/submit.ts';
import type { Job } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import { bodyValue, checked, objectOf } from '../body.ts';
import { findJob } from '../findJob.ts';
import { jobJson } from '../present/job.ts';
import { asObject, given, runJson, timeOf } from '../present/run.ts';
import { statusOf } from '../present/runWords.ts';
import { triggerBody } from '../schemas/runRequests.ts';
import { memberTexts } from '../../../http/jsonTexts.ts';
import { idempotencyKeyOf, submissionOf, traceOf } from './wish.ts';

/** `POST /v1/jobs/{job}/trigger`: one run, or what it would be. */
export async function trigger(room: Room, request: Request, response: Response): Promise<void> {
  const job = enabled(await findJob(room, request, response));
  const body = checked(triggerBody, objectOf(bodyValue(request) ?? {}));
  const submission: Submission = submissionOf(
    job,
    {
      ...body,
      idempotency_key: idempotencyKeyOf(request, body),
      metadata: { ...traceOf(request), ...body.metadata },
    },
    body.payload === undefined ? undefined : memberTexts(bodyOf(request).toString('utf8')).get('payload'),
    identityOf(response),
  );
  if (body.dry_run === true) await sendPreview(room, submission, response);
  else sendSubmitted(room, submission, await submit(room, submission), response);
}

/** Said before the body is looked at. */
export function enabled(job: Job): Job {
  if (!job.enabled) throw new Problem('job_disabled', 'job is disabled');
  return job;
}

async function sendPreview(room: Room, submission: Submission, response: Response): Promise<void> {
  const { job, payloadText, payloadHash, scheduledAt, expiresAt } = await preview(room, submission);
  response.json(
    given({
      job: jobJson(job, room.policy()),
      payload_hash: payloadHash,
      payload: asObject(payloadText),
      scheduled_at: timeOf(scheduledAt ?? null),
      expires_at: timeOf(expiresAt ?? null),
      validation_warnings: [],
    }),
  );
}

function sendSubmitted(
  room: Room,
  { payload }: Submission,
  { outcome, run, job }: Submitted,
  response: Response,
): void {
  const { id } = run;
  const status = statusOf(run.state);
  response.status(202).location(`/v1/runs/${id}`);
  switch (outcome) {
    case 'idempotent':
    case 'repeated':
      response.json({ id, status, idempotency_hit: true });
      return;
    case 'duplicate':
      response.json(given({ id, status, payload_hash: run.payloadHash, idempotency_hit: false }));
      return;
    case 'debounced':
      response.json({ debounced: true, fire_at: timeOf(run.scheduledAt), id });
      return;
    case 'created':
      response.json({
        ...runJson(run, {
          body: { payload: payload?.text ?? null, output: null },
          versionId: job.versionId,
        }),
        payload_hash: run.payloadHash,
        run_token: runTokenOf(room, run),
        idempotency_hit: false,
      });
  }
}
