import type { Request, Response } from 'express';
import { bodyOf } from '../../../http/body.ts';
import { idempotencyKeyIn } from '../../../http/idempotency.ts';
import { identityOf } from '../../../http/identity.ts';
import { letGoFirst } from '../../../room/http/dispatches.ts';
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
import { sendJson } from '../../../http/sendJson.ts';
import { submissionOf, traceOf } from './wish.ts';

/** `POST /v1/jobs/{job}/trigger`: one run, or what it would be. */
export async function trigger(room: Room, request: Request, response: Response): Promise<void> {
  const job = enabled(await findJob(room, request, response));
  const body = checked(triggerBody, objectOf(bodyValue(request) ?? {}));
  const submission: Submission = submissionOf(
    job,
    {
      ...body,
      idempotency_key: idempotencyKeyIn(request) ?? body.idempotency_key,
      metadata: { ...traceOf(request), ...body.metadata },
    },
    body.payload === undefined ? undefined : memberTexts(bodyOf(request).toString('utf8')).get('payload'),
    identityOf(response),
  );
  if (body.dry_run === true) await sendPreview(room, submission, response);
  else await submitAndSend(room, submission, response);
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

async function submitAndSend(room: Room, submission: Submission, response: Response): Promise<void> {
  const submitted = await submit(room, submission);
  const { job, run } = submitted;
  if (job.kind === 'http') await letGoFirst(room.dispatches, run.id);
  sendSubmitted(room, submission, submitted, response);
}

function sendSubmitted(
  room: Room,
  { payload }: Submission,
  { outcome, run, job }: Submitted,
  response: Response,
): void {
  const { id } = run;
  const status = statusOf(run.state);
  response.setHeader('Location', `/v1/runs/${id}`);
  const send = (answer: object): void => sendJson(response, 202, answer);
  switch (outcome) {
    case 'idempotent':
    case 'repeated':
      return send({ id, status, idempotency_hit: true });
    case 'duplicate':
      return send(given({ id, status, payload_hash: run.payloadHash, idempotency_hit: false }));
    case 'debounced':
      return send({ debounced: true, fire_at: timeOf(run.scheduledAt), id });
    case 'created':
      return send({
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
