import { closeSharedEngine } from '../test/fixtures/engine.ts';
import type { Row } from './measure/row.ts';
import { cachedBuild } from './rows/cachedBuild.ts';
import { claimAndFinish } from './rows/claimAndFinish.ts';
import { claimAndFinishPostgres } from './rows/claimAndFinishPostgres.ts';
import { cronLateness } from './rows/cronLateness.ts';
import { durablePosts } from './rows/durablePosts.ts';
import { durableTriggers } from './rows/durableTriggers.ts';
import { handlerStart } from './rows/handlerStart.ts';
import { healthScore } from './rows/healthScore.ts';
import { liveReaders } from './rows/liveReaders.ts';
import { longLogBuild } from './rows/longLogBuild.ts';
import { longQueue } from './rows/longQueue.ts';
import { longTails } from './rows/longTails.ts';
import { runsList } from './rows/runsList.ts';
import { secondBuild } from './rows/secondBuild.ts';
import { startWithHistory } from './rows/startWithHistory.ts';
import { tailOfLongLog } from './rows/tailOfLongLog.ts';
import { timeToStart } from './rows/timeToStart.ts';
import { uncachedBuild } from './rows/uncachedBuild.ts';

const rows: Record<string, Row> = {
  'uncached-build': uncachedBuild,
  'second-build': secondBuild,
  'cached-build': cachedBuild,
  'long-log-build': longLogBuild,
  'tail-of-long-log': tailOfLongLog,
  'long-tails': longTails,
  'live-readers': liveReaders,
  'durable-posts': durablePosts,
  'time-to-start': timeToStart,
  'start-with-history': startWithHistory,
  'durable-triggers': durableTriggers,
  'claim-and-finish': claimAndFinish,
  'long-queue': longQueue,
  'handler-start': handlerStart,
  'runs-list': runsList,
  'health-score': healthScore,
  'claim-and-finish-postgres': claimAndFinishPostgres,
  'cron-lateness': cronLateness,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(rows, name));
if (unknown.length > 0) {
  console.error(`no row is called ${unknown.join(', ')}: there are ${Object.keys(rows).join(', ')}`);
  process.exit(2);
}

try {
  for (const [name, measure] of Object.entries(rows))
    if (wanted.length === 0 || wanted.includes(name)) console.log(JSON.stringify(await measure()));
} finally {
  await closeSharedEngine();
}
