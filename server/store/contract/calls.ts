/** What one process asks of another. */
export interface PostedCall {
  id: string;
  /** The ids of who asks and of who is asked. */
  asker: string;
  member: string;
  kind: string;
  /** JSON text. */
  question: string;
  /** Milliseconds from now; later nobody takes it. */
  lastsMs: number;
}

export interface TakenCall extends Pick<PostedCall, 'id' | 'asker' | 'kind' | 'question'> {
  /** Milliseconds that whoever asked still waits for the answer. */
  leftMs: number;
}

/** Calls lie in the database only while somebody waits for them; a crash of the database loses them. */
export interface CallStore {
  post(call: PostedCall): Promise<void>;
  /** Takes what is asked of a member, the first asked first. No call is ever given to two takes with different tokens. */
  take(member: string, token: string, limit: number): Promise<TakenCall[]>;
  /** False where nobody waits for it any more. */
  answer(id: string, answer: string): Promise<boolean>;
  /** What is still there of all that somebody asked; the answer is null until there is one. */
  asked(asker: string): Promise<{ id: string; answer: string | null }[]>;
  /** Removes a call, so that nobody takes it from then on; undefined where it is not there. */
  withdraw(id: string): Promise<{ isTaken: boolean; answer: string | null } | undefined>;
  /** Removes what somebody has left who is gone; how many. */
  forgetOld(): Promise<number>;
}
