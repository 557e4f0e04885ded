import type { JobView } from '../../test/fixtures/jobs.ts';
import { tailOf } from '../../test/fixtures/jobs.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { buildByHand } from '../measure/byHand.ts';
import { makeImageJob } from '../measure/imageJob.ts';
import { createLargeRepository, largeSize } from '../measure/largeRepository.ts';
import { comparePairs } from '../measure/pairs.ts';
import { peakOf } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withOwnEngine } from '../measure/world.ts';

const rounds = 5;

interface Wish {
  bench: string;
  builder: 'buildkit' | 'classic';
  reach: number;
}

/** One changed file in a large context, which BuildKit asks us for by itself, against clone and classic build by hand. */
export function changedFileBuildKit(): Promise<Figure> {
  return changedFile({ bench: 'changed-file-buildkit', builder: 'buildkit', reach: 0.45 });
}

/** The same with the classic builder, which is sent the whole context again. */
export function changedFileClassic(): Promise<Figure> {
  return changedFile({ bench: 'changed-file-classic', builder: 'classic', reach: 1.05 });
}

function changedFile({ bench, builder, reach }: Wish): Promise<Figure> {
  return withOwnEngine(async ({ engine, git, server }) => {
    const repository = await createLargeRepository(git, 'acme/large');
    await makeImageJob(server, 'large', { builder });
    await syncBuild(server, 'large');
    const { ratio, details } = await comparePairs(
      rounds,
      async () => {
        await repository.changeOneFile();
        const { job, ms } = await syncBuild(server, 'large');
        if (builder === 'buildkit') await checkSync(server, job);
        return ms;
      },
      async () => {
        await repository.changeOneFile();
        return buildByHand({ engine, url: repository.url, tag: 'by-hand/large' });
      },
    );
    const peak = peakOf(server.process);
    return atMost(bench, { value: ratio, unit: 'of by hand', reach }, peak.isWithin, {
      ...largeSize,
      ...peak.details,
      ...details,
    });
  });
}

/** The builds by hand change a file each, too, so that two at most are new to BuildKit. */
async function checkSync(server: TestServer, { id }: JobView): Promise<void> {
  const files = /the engine asked for (\d+) of \d+ files/.exec(await tailOf(server, id))?.[1];
  if (files === undefined || Number(files) > 3) throw new Error(`BuildKit was sent ${files} files, not one`);
}
