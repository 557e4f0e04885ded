import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createRepository } from '../../test/fixtures/repository.ts';
import type { World } from '../../test/fixtures/world.ts';
import { peakOf, residentMb } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { slope } from '../measure/statistics.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { growthOf, tracesOf } from '../measure/traces.ts';
import { withOwnEngine } from '../measure/world.ts';

const builds = 500;
/** The newest of them, whose memory is looked at. */
const looked = 400;
const warmUps = 10;
/** Longer than connections are kept open for the next request. */
const restMs = 7000;
const dockerfile = 'FROM busybox\nCOPY app /app\nRUN sha256sum /app > /sum\nCMD ["cat", "/app"]\n';

/** Tiny builds one after another, half of them with a change: nothing may grow with them. Takes up to five minutes. */
export async function manyBuilds(): Promise<Figure> {
  const temporary = await mkdtemp(join(tmpdir(), 'dbb-'));
  try {
    return await withOwnEngine((world) => buildMany(world, temporary), { env: { TMPDIR: temporary } });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function buildMany(world: World, temporary: string): Promise<Figure> {
  const { git, server } = world;
  const repository = await createRepository(git, 'acme/tiny', { Dockerfile: dockerfile, app: 'hello' });
  const build = async (number: number) => {
    if (number % 2 === 1) await repository.update({ app: `change ${number}` });
    await syncBuild(server, 'tiny');
  };
  const traces = async () => {
    await pause(restMs);
    return tracesOf(world, temporary);
  };
  for (let number = 0; number < warmUps; number++) await build(number);
  const before = await traces();
  const resident: number[] = [];
  for (let number = 0; number < builds; number++) {
    await build(number);
    resident.push(residentMb(server.process));
  }
  const after = await traces();
  const grown = growthOf(before, after);
  const peak = peakOf(server.process);
  const value = 100 * slope(resident.slice(-looked));
  const isEven = grown.length === 0 && peak.isWithin;
  return atMost('many-builds', { value, unit: 'MB a 100 builds', reach: 2 }, isEven, {
    builds,
    resident_mb: resident.filter((_, at) => (at + 1) % 100 === 0),
    ...peak.details,
    grown,
    before,
    after,
  });
}
