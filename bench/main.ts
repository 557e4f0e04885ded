import { closeSharedEngine } from '../test/fixtures/engine.ts';
import type { Row } from './measure/row.ts';
import { cachedBuild } from './rows/cachedBuild.ts';
import { changedFileBuildKit, changedFileClassic } from './rows/changedFile.ts';
import { claimAndFinish } from './rows/claimAndFinish.ts';
import { claimAndFinishPostgres, claimAndFinishPostgres4 } from './rows/claimAndFinishPostgres.ts';
import { containerLog } from './rows/containerLog.ts';
import { containerRun } from './rows/containerRun.ts';
import { cronLateness } from './rows/cronLateness.ts';
import { durablePosts } from './rows/durablePosts.ts';
import { durableTriggers } from './rows/durableTriggers.ts';
import { durableTriggersPostgres } from './rows/durableTriggersPostgres.ts';
import { executionsList } from './rows/executionsList.ts';
import { executionsListPostgres } from './rows/executionsListPostgres.ts';
import { executionStatus } from './rows/executionStatus.ts';
import { handlerStart } from './rows/handlerStart.ts';
import { healthScore } from './rows/healthScore.ts';
import { liveReaders } from './rows/liveReaders.ts';
import { logFollowPostgres } from './rows/logFollowPostgres.ts';
import { logWritePostgres } from './rows/logWritePostgres.ts';
import { longLogBuild } from './rows/longLogBuild.ts';
import { longQueue } from './rows/longQueue.ts';
import { longQueuePostgres } from './rows/longQueuePostgres.ts';
import { longTails } from './rows/longTails.ts';
import { manyBuilds } from './rows/manyBuilds.ts';
import { packCpu } from './rows/packCpu.ts';
import { parallelBuilds } from './rows/parallelBuilds.ts';
import { push } from './rows/push.ts';
import { runsList } from './rows/runsList.ts';
import { secondBuild } from './rows/secondBuild.ts';
import { startElsewhere } from './rows/startElsewhere.ts';
import { startWithHistory } from './rows/startWithHistory.ts';
import { tailOfLongLog } from './rows/tailOfLongLog.ts';
import { timeToStart } from './rows/timeToStart.ts';
import { uncachedBuild } from './rows/uncachedBuild.ts';

/** In the order in which they are measured; a group may be asked for by its name. */
const groups: Record<string, Record<string, Row>> = {
  builds: {
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
  },
  jobs: {
    'durable-triggers': durableTriggers,
    'claim-and-finish': claimAndFinish,
    'long-queue': longQueue,
    'handler-start': handlerStart,
    'runs-list': runsList,
    'health-score': healthScore,
    'cron-lateness': cronLateness,
  },
  images: {
    'changed-file-buildkit': changedFileBuildKit,
    'changed-file-classic': changedFileClassic,
    push,
    'parallel-builds': parallelBuilds,
    'pack-cpu': packCpu,
    'many-builds': manyBuilds,
  },
  executions: {
    'container-run': containerRun,
    'container-log': containerLog,
    'execution-status': executionStatus,
    'executions-list': executionsList,
    'executions-list-postgres': executionsListPostgres,
  },
  logs: {
    'log-write-postgres': logWritePostgres,
    'log-follow-postgres': logFollowPostgres,
  },
  cluster: {
    'claim-and-finish-postgres': claimAndFinishPostgres,
    'claim-and-finish-postgres-4': claimAndFinishPostgres4,
    'durable-triggers-postgres': durableTriggersPostgres,
    'long-queue-postgres': longQueuePostgres,
    'start-elsewhere': startElsewhere,
  },
};
const rows = new Map(Object.values(groups).flatMap((group) => Object.entries(group)));
const names = [...Object.keys(groups), ...rows.keys()];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no row or group of rows is called ${unknown.join(', ')}: there are ${names.join(', ')}`);
  process.exit(2);
}
const measured = new Set(wanted.flatMap((name) => Object.keys(groups[name] ?? { [name]: name })));

try {
  for (const [name, measure] of rows)
    if (wanted.length === 0 || measured.has(name)) console.log(JSON.stringify(await measure()));
} finally {
  await closeSharedEngine();
}
