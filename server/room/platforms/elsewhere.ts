import { BuildFault } from '../../../builder/model/faults.ts';
import type { ImageResult } from '../../../builder/model/spec.ts';
import type { Elsewhere, PlatformOrder } from '../../../builder/steps/elsewhere.ts';
import { fits, mayFit } from '../engines/fits.ts';
import type { Room } from '../room.ts';
import type { HeldOnEngine } from '../worker.ts';
import { childEnd } from './childEnd.ts';
import { childRun, platformsBegun } from './childRun.ts';
import { partFault } from './partFault.ts';

/** Builds for other platforms by child runs, on engines that are for these. */
export function elsewhere(room: Room, held: HeldOnEngine, token: string | undefined): Elsewhere {
  return {
    isHere: (platform) => fits(held.on, platform),
    begun: ({ name }, commit) => platformsBegun(room, held.run.id, name, commit),
    async expect(platform) {
      if ((await room.fleet.engines()).some((seat) => mayFit(seat, platform))) return;
      throw new BuildFault(
        'platform_unavailable',
        `no engine builds for ${platform}: give one in settings.json the label "platform": "${platform}"`,
      );
    },
    build: (order) => build(room, held, token, order),
  };
}

async function build(
  room: Room,
  held: HeldOnEngine,
  token: string | undefined,
  { plan, platform, commit, branch, log, signal }: PlatformOrder,
): Promise<ImageResult> {
  const part = { image: plan.name, platform, ref: held.run.ref };
  const { id } = await childRun(room, held, { part, commit, branch, token });
  log.append('system', `${platform} is built by run ${id}: /jobs/${id}\n`);
  const child = await childEnd(room, id, signal);
  const [image] = child.result?.images ?? [];
  if (child.state !== 'completed' || !image) {
    log.append('stderr', `${platform} was not built; its log is at /jobs/${id}/log\n`);
    throw partFault(child, platform);
  }
  log.append('system', `${platform} is built: ${image.pushed?.[0]?.digest ?? image.id}\n`);
  return image;
}
