export const notificationStates = ['pending', 'delivered', 'dead'] as const;

/** Something that is to be told to an address outside. */
export interface Notification {
  key: number;
  id: string;
  project: string;
  jobId: string;
  runId: string;
  /** e.g. `run.completed`. */
  event: string;
  url: string;
  /** Sealed for the notification's id. */
  secret: string | null;
  /** Exactly the bytes that are sent. */
  body: string;
  state: (typeof notificationStates)[number];
  tries: number;
  maxTries: number;
  nextAt: number | null;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: number;
  deliveredAt: number | null;
}

export type NewNotification = Pick<
  Notification,
  'id' | 'project' | 'jobId' | 'runId' | 'event' | 'url' | 'secret' | 'body' | 'maxTries' | 'createdAt'
>;

/** Without what is sent: a body may be a megabyte, and a list shows none. */
export type NotificationSummary = Omit<Notification, 'body' | 'secret'>;

/** One try of a notification: the answer's status, or why there was none. */
export interface NotificationTry {
  /** From 1, through all redeliveries. */
  number: number;
  status: number | null;
  error: string | null;
  tookMs: number;
  /** When it began. */
  createdAt: number;
}

/** How many may be taken: no receiver's slowness takes the places of the others. */
export interface NotificationPlaces {
  free: number;
  /** At most so many at once to one origin … */
  perOrigin: number;
  /** … where so many are under way to each. */
  underWay: ReadonlyMap<string, number>;
}

export interface OutboxReads {
  notification(id: string): Promise<Notification | undefined>;
  /** Newest first; only those with a key below `beforeKey`, and made before `createdBefore`. */
  notifications(
    filter: { project?: string; runId?: string; state?: Notification['state'] },
    page: { beforeKey?: number; createdBefore?: number; limit: number },
  ): Promise<NotificationSummary[]>;
  /** In their order. */
  notificationTries(id: string): Promise<NotificationTry[]>;
  /** The next time after `now` at which one becomes due. */
  nextNotificationAt(now: number): Promise<number | undefined>;
}

export interface OutboxWrites {
  /** Due at once. */
  addNotification(notification: NewNotification): Promise<void>;
  /**
   * Pending ones that are due, of each origin the earliest first. Each is put off until `untilAt`, so that nobody else
   * takes it meanwhile and it comes again where this process dies.
   */
  takeDueNotifications(now: number, untilAt: number, places: NotificationPlaces): Promise<Notification[]>;
  /**
   * Records a try, and what follows from it: delivered, pending until `nextAt`, or dead. False, and nothing changed,
   * where somebody else recorded the try of this number before.
   */
  recordTry(
    id: string,
    attempt: NotificationTry,
    next: { state: Notification['state']; nextAt: number | null },
  ): Promise<boolean>;
  /** Makes it pending and due, with `tries` more; false where there is none. */
  redeliver(id: string, tries: number, now: number): Promise<boolean>;
  /** Forgets those that are over and were made before a time; how many, at most `limit`. */
  forgetNotifications(before: number, limit: number): Promise<number>;
}
