import type { Bus } from '../../store/contract/bus.ts';
import type { CallStore } from '../../store/contract/calls.ts';
import { Problem } from '../../words/problems.ts';
import type { Report } from '../room.ts';
import { type Answerer, startAnswering } from './answering.ts';
import { readAnswer } from './answerText.ts';
import { createAsking } from './asking.ts';

/** Something that can be asked of a member: what a question and its answer are, both as JSON has them. */
export interface Call<Q, A> {
  readonly kind: string;
  /** Says the types, and is never there. */
  readonly types?: (question: Q) => A;
}

export function callKind<Q, A>(kind: string): Call<Q, A> {
  return { kind };
}

export interface AskOptions {
  /** How long the answer is waited for, in milliseconds. */
  deadlineMs: number;
  signal?: AbortSignal;
}

/** What members ask of each other. Everything else they know of each other is in the store. */
export interface Calls {
  /**
   * Asks the member with this id, which may be this one. It does it once at most.
   *
   * @throws Problem as the member refuses with; `unavailable` where it is gone, does not answer in time, or the question was
   *   lost, and says where nobody knows whether it was done; `payload_too_large`
   */
  ask<Q, A>(member: string, call: Call<Q, A>, question: Q, options: AskOptions): Promise<A>;
  /** How this member answers; `signal` ends when nobody waits for it any more. */
  answer<Q, A>(call: Call<Q, A>, work: (question: Q, signal: AbortSignal) => Promise<A>): void;
  /** Asks and answers nothing more. */
  close(): Promise<void>;
}

export interface CallsOptions {
  /** The id of this member. */
  me: string;
  /** Where other members have the store open, too. */
  shared: { calls: CallStore; bus: Bus } | undefined;
  report: Report;
  /** Whether a member is gone. */
  isGone(member: string): Promise<boolean>;
}

/** A log line of an endpoint as JSON inside JSON, and more. */
const mostBytes = 16 * 1024 * 1024;

export function createCalls({ me, shared, report, isGone }: CallsOptions): Calls {
  const answerers = new Map<string, Answerer>();
  const common = shared && { me, store: shared.calls, bus: shared.bus };
  const asking = common && createAsking({ ...common, isGone });
  const answering = common && startAnswering({ ...common, report, answerers });

  async function askMyself(kind: string, question: unknown, signal: AbortSignal): Promise<unknown> {
    const answerer = answerers.get(kind);
    if (!answerer) throw new Error(`nobody answers ${kind} here`);
    return answerer(question, signal);
  }

  return {
    async ask<Q, A>(member: string, { kind }: Call<Q, A>, question: Q, options: AskOptions): Promise<A> {
      const { deadlineMs, signal } = options;
      if (member === me) {
        const ends = [AbortSignal.timeout(deadlineMs), ...(signal ? [signal] : [])];
        return (await askMyself(kind, question, AbortSignal.any(ends))) as A;
      }
      if (!asking)
        throw new Problem('unavailable', 'the process that was asked is gone: nothing was done', {
          retryAfterSecs: 1,
        });
      const text = JSON.stringify(question ?? null);
      if (Buffer.byteLength(text) > mostBytes)
        throw new Problem('payload_too_large', 'it is too much to be passed on to another process');
      return readAnswer(await asking.ask({ member, kind, text, deadlineMs, signal })) as A;
    },
    answer<Q, A>({ kind }: Call<Q, A>, work: (question: Q, signal: AbortSignal) => Promise<A>) {
      answerers.set(kind, (question, signal) => work(question as Q, signal));
    },
    async close() {
      asking?.close();
      await answering?.close();
    },
  };
}
