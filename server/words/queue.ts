/** The one that is always there. */
export const usualQueue = 'default';

/** What a queue may be called. */
export const queueName = /^[a-z0-9][a-z0-9_.-]{0,62}$/i;
/** For whoever gave another one. */
export const queueNameRule = 'must be made of letters, digits, ".", "_" and "-"';

/** Attempts that may run at once, where a queue is capped at all. */
export const mostRunning = 1_000_000;

export interface QueueTerms {
  paused: boolean;
  /** Attempts that may run at once; null is as many as there are places for. */
  maxRunning: number | null;
}

/** A queue by its name, as those who speak for it want it. */
export interface KnownQueue {
  name: string;
  /** What settings.json says; null where it says nothing. */
  declared: QueueTerms | null;
  /** What was asked for through the interface; null where nothing was. */
  made: QueueTerms | null;
}

/** How it is: paused where either wants that, and capped as the settings say, where they name it. */
export function termsOf({ declared, made }: KnownQueue): QueueTerms {
  return {
    paused: declared?.paused === true || made?.paused === true,
    maxRunning: declared ? declared.maxRunning : (made?.maxRunning ?? null),
  };
}

/** A queue that nobody ever spoke for. */
export function unsaid(name: string): KnownQueue {
  return { name, declared: null, made: null };
}
