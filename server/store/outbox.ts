import type { OutboxReads, OutboxWrites } from './contract/outbox.ts';
import type { Sql } from './sql.ts';
import { listNotifications } from './statements/notificationLists.ts';
import {
  forgetNotifications,
  insertNotification,
  nextNotificationAt,
  notificationById,
  recordTry,
  redeliver,
  takeDueNotifications,
  triesOfNotification,
} from './statements/notifications.ts';

export function outboxReads(sql: Sql): OutboxReads {
  return {
    notification: (id) => notificationById(sql, id),
    notifications: (filter, page) => listNotifications(sql, filter, page),
    notificationTries: (id) => triesOfNotification(sql, id),
    nextNotificationAt: (now) => nextNotificationAt(sql, now),
  };
}

export function outboxWrites(sql: Sql): OutboxWrites {
  return {
    addNotification: (notification) => insertNotification(sql, notification),
    takeDueNotifications: (now, untilAt, places) => takeDueNotifications(sql, now, untilAt, places),
    recordTry: (id, attempt, next) => recordTry(sql, id, attempt, next),
    redeliver: (id, tries, now) => redeliver(sql, id, tries, now),
    forgetNotifications: (before, limit) => forgetNotifications(sql, before, limit),
  };
}
