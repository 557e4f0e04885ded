import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { isKnownQueue } from '../../room/queues/queues.ts';
import type { Room } from '../../room/room.ts';
import type { Submission } from '../../room/submit/submission.ts';
import { submit } from '../../room/submit/submit.ts';
import type { Job } from '../../words/job.ts';
import { authorOf, type Identity, sees } from '../../words/scopes.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { sendBody } from './answer.ts';
import { delayMsOf } from './delay.ts';
import type { BarbequeDeps } from './deps.ts';
import { type Execution, executionBody, unknownExecution } from './execution.ts';
import type { FieldNames } from './fields.ts';
import { fieldsOf, type Given, optionalInteger, paramsOf, requiredString, requiredValue } from './params.ts';
import { notFound, plainError } from './refusal.ts';
import { openedOf, pending } from './show.ts';
import { executionOf } from './standing.ts';

interface Wish {
  application: string;
  job: string;
  queue: string;
  message: Given;
  /** Digits of the seconds. */
  delay: string | undefined;
  fields: FieldNames;
}

/** Characters of a name that a refusal repeats. */
const longestShown = 200;
const longestName = 1000;

/** `POST /v2/job_executions` */
export async function enqueue(deps: BarbequeDeps, request: Request, response: Response): Promise<void> {
  const { room } = deps;
  const wish = wishOf(request);
  const identity = identityOf(response);
  const job = await jobOf(room, wish, identity);
  if (wish.queue !== job?.definition.queue && !(await isKnownQueue(room, wish.queue))) throw unknownQueue();
  const original = deps.settings().originalAnswers;
  if (!job && !original) throw unknownJob(wish);
  const delayMs = delayMsOf(wish.delay, deps.settings());
  if (delayMs === undefined) throw tooLate(wish.delay ?? '', deps.settings().maxDelaySeconds);
  const execution = job ? await taken(room, job, wish, delayMs, identity) : pending(uuid7(room.now()));
  const opened = job ? openedOf(deps, request, execution.messageId) : unknownExecution;
  sendBody(request, response, 201, await executionBody(execution, wish.fields, opened));
}

/** In the order in which mistakes are told. Throws a Refusal. */
function wishOf(request: Request): Wish {
  const params = paramsOf(request);
  return {
    application: requiredString(params, 'application'),
    job: requiredString(params, 'job'),
    queue: requiredString(params, 'queue'),
    message: requiredValue(params, 'message'),
    delay: optionalInteger(params, 'delay_seconds'),
    fields: fieldsOf(params),
  };
}

/** Names are compared exactly. */
async function jobOf(
  { store }: Room,
  { application, job }: Pick<Wish, 'application' | 'job'>,
  identity: Identity,
): Promise<Job | undefined> {
  if (!isName(application) || !isName(job) || !sees(identity, application)) return undefined;
  return store.read.jobBySlug(application, job);
}

/** Databases differ in what they make of characters that are none, and of NUL. */
function isName(text: string): boolean {
  return text.length <= longestName && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** The run that was made, or the one that stands for it already. */
async function taken(
  room: Room,
  job: Job,
  { queue, message }: Wish,
  delayMs: number,
  identity: Identity,
): Promise<Execution> {
  const author = authorOf(identity);
  const submission: Submission = {
    job: { id: job.id },
    trigger: 'api',
    queue,
    payload: message,
    ...(delayMs > 0 && { scheduledAt: room.now() + delayMs }),
    ...(author !== null && { createdBy: author }),
  };
  const { outcome, run } = await submit(room, submission);
  const older = outcome === 'created' ? undefined : await room.store.read.runStanding(run.id);
  return older ? executionOf(room, older) : pending(run.id);
}

function unknownQueue() {
  return notFound("Couldn't find Barbeque::JobQueue with [WHERE `barbeque_job_queues`.`name` = ?]");
}

function unknownJob({ application, job }: Wish) {
  return plainError(
    `JobDefinition '${job.slice(0, longestShown)}' isn't defined in '${application.slice(0, longestShown)}' application`,
  );
}

function tooLate(digits: string, longest: number) {
  return plainError(
    `Value ${digits.slice(0, longestShown)} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${longest}.`,
  );
}
