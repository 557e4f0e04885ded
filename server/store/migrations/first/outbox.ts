import { isOneOf, key } from './columns.ts';

const states = ['pending', 'delivered', 'dead'];

// What is to be told to the outside, written with the outcome that it tells of. No foreign keys: it may outlive its run.
// The body stands last, because it may be a megabyte and most questions do not ask for it.
const notifications = `CREATE TABLE notifications (
  ${key},
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  job_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  event TEXT NOT NULL,
  url TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL CHECK ${isOneOf('state', states)},
  tries INTEGER NOT NULL CHECK (tries >= 0),
  max_tries INTEGER NOT NULL CHECK (max_tries >= 1),
  next_at BIGINT,
  last_status INTEGER,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  delivered_at BIGINT,
  secret TEXT,
  body TEXT NOT NULL,
  CHECK ((state = 'pending') = (next_at IS NOT NULL))
)`;

// Each try of a notification.
const notificationTries = `CREATE TABLE notification_tries (
  ${key},
  notification_id TEXT NOT NULL REFERENCES notifications (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  status INTEGER,
  error TEXT,
  took_ms BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (notification_id, number)
)`;

export const outboxTables: readonly string[] = [
  notifications,
  notificationTries,
  `CREATE INDEX notifications_due ON notifications (next_at, key, origin, id) WHERE next_at IS NOT NULL`,
  `CREATE INDEX notifications_over ON notifications (created_at, id) WHERE state <> 'pending'`,
  'CREATE INDEX notifications_by_run ON notifications (run_id, key)',
  'CREATE INDEX notifications_by_project ON notifications (project, key)',
  'CREATE INDEX notifications_by_project_state ON notifications (project, state, key)',
  'CREATE INDEX notifications_by_state ON notifications (state, key)',
];
