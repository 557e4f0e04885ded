import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Express, Router } from 'express';
import { type AccessRules, refuseForeign } from './app/access.ts';
import { admitWebsocket, callerOf } from './app/admission.ts';
import { createApp } from './app/app.ts';
import { ownBudgets } from './app/budgets.ts';
import { createLimits } from './app/limits.ts';
import { type Live, openLive } from './app/live/live.ts';
import { liveRoutes } from './app/live/routes.ts';
import { createSessions } from './app/session.ts';
import { sharedBudgets } from './app/sharedBudgets.ts';
import type { Environment } from './config/environment.ts';
import type { Configuration } from './configuration.ts';
import { isLoopback } from './config/loopback.ts';
import { barbequeDoor, barbequePage } from './doors/barbeque/door.ts';
import { enginesDoor } from './doors/engines/door.ts';
import { gcDoor } from './doors/gc/door.ts';
import { githubDoor } from './doors/github/door.ts';
import { imagesDoor } from './doors/images/door.ts';
import { metricsDoor } from './doors/metrics/door.ts';
import { jobsDoor } from './doors/jobs/door.ts';
import { jobJson, jobSummaryJson } from './doors/jobs/present.ts';
import { statusOf } from './doors/jobs/statuses.ts';
import { queuesDoor } from './doors/queues/door.ts';
import { scaleDoor } from './doors/scale/door.ts';
import { sdkDoor } from './doors/sdk/door.ts';
import { travisDoor } from './doors/travis/door.ts';
import { workersDoor } from './doors/workers/door.ts';
import { v1Door } from './doors/v1/door.ts';
import { guestsOf } from './guests.ts';
import type { Room } from './room/room.ts';
import { loadSecretKey } from './words/seal.ts';

const pageFolder = fileURLToPath(new URL('../public', import.meta.url));

/** Everything that speaks HTTP: the doors, the live readers, the page, and who may come in. */
export function openWeb(
  room: Room,
  configuration: Configuration,
  data: string,
): { app: Express; live: Live } {
  const rules = accessRules(room, configuration, data);
  const live = openLive({
    ...room,
    store: room.store.read,
    status: statusOf,
    present: jobSummaryJson,
    admit: (request) => admitWebsocket(request, rules),
    hold: (identity, end) => room.keyring.hold(identity, end),
  });
  const routers = {
    webhooks: webhooks(room, configuration.environment),
    open: [sdkDoor(room), barbequePage(rules)],
    doors: [
      liveRoutes(live),
      jobsDoor(room),
      imagesDoor(room),
      gcDoor(room),
      metricsDoor(room),
      enginesDoor(room),
      workersDoor(room),
      ...v1Door(room),
      barbequeDoor({
        room,
        publicUrl: rules.publicUrl,
        settings: () => configuration.current.settings.barbeque,
      }),
      queuesDoor(room),
      ...scaleDoor(room),
    ],
  };
  return { app: createApp({ room, rules, ...routers, pageFolder }), live };
}

function webhooks(room: Room, { github, travis, listen, publicUrl }: Environment): Router[] {
  const common = {
    mustSign: !isLoopback(listen),
    // Who need not sign has shown no credential either, whatever is set for others.
    refuseForeign: (request: IncomingMessage) => refuseForeign(callerOf(request), publicUrl, true),
    present: jobJson,
  };
  return [
    ...(github.on ? [githubDoor(room, { ...common, secret: github.secret })] : []),
    ...(travis.on ? [travisDoor(room, { ...common, secret: travis.token })] : []),
  ];
}

/** Who may come in. */
export function accessRules(
  { keyring, store }: Room,
  configuration: Configuration,
  data: string,
): AccessRules {
  const { basic, token, publicUrl, secretKey, listen } = configuration.environment;
  const key = createHash('sha256').update(loadSecretKey(data, secretKey));
  const sessionKey = key.update(JSON.stringify([basic, token])).digest('hex');
  return {
    credentials: { basic, token },
    keyring,
    sessions: createSessions(sessionKey, Date.now),
    limits: createLimits(
      () => configuration.current.settings.limits,
      store.shared ? sharedBudgets(store.shared.allowances) : ownBudgets(),
    ),
    isLocal: isLoopback(listen),
    publicUrl,
    guestOf: guestsOf(configuration),
  };
}
