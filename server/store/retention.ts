import type { RetentionReads, RetentionWrites } from './contract/retention.ts';
import type { Sql } from './sql.ts';
import { builtImagesOf, forgetImage, rememberImage, useImage } from './statements/builtImages.ts';
import {
  crowdedJobs,
  endedRunsBut,
  hasOpenChild,
  lastSuccesses,
  removeEndedRun,
  runsByKey,
  unarchivedRuns,
} from './statements/oldRuns.ts';
import { engineUses, forgetName, sawName, unseenNames } from './statements/names.ts';

export function retentionReads(sql: Sql): RetentionReads {
  return {
    unseenNames: (before) => unseenNames(sql, before),
    engineUses: (page) => engineUses(sql, page),
    builtImages: (engine) => builtImagesOf(sql, engine),
    runsByKey: ({ afterKey, limit }) => runsByKey(sql, afterKey, limit),
    endedRunsBut: (jobId, page) => endedRunsBut(sql, jobId, page),
    crowdedJobs: (runs) => crowdedJobs(sql, runs),
    unarchivedRuns: (page) => unarchivedRuns(sql, page),
    lastSuccesses: (jobId) => lastSuccesses(sql, jobId),
    hasOpenChild: (runId) => hasOpenChild(sql, runId),
  };
}

export function retentionWrites(sql: Sql): RetentionWrites {
  return {
    async sawNames(names, now) {
      for (const { kind, name } of names) await sawName(sql, kind, name, now);
    },
    forgetName: (name) => forgetName(sql, name),
    async rememberImages(images) {
      for (const image of images) await rememberImage(sql, image);
    },
    async useImages(images, by) {
      for (const image of images) await useImage(sql, image, by);
    },
    async forgetImages(engine, images) {
      for (const image of images) await forgetImage(sql, engine, image);
    },
    async removeEndedRuns(runIds) {
      let removed = 0;
      for (const runId of runIds) if (await removeEndedRun(sql, runId)) removed++;
      return removed;
    },
  };
}
