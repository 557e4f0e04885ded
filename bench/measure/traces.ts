import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../test/fixtures/world.ts';
import { checkouts, containers, controlGroups, linesOf } from './leftovers.ts';
import { openDescriptors } from './process.ts';

/** How much there is of what a build may leave behind. */
export interface Traces {
  descriptors: number;
  containers: number;
  /** Without a name and a label of ours, and no part of another image: nobody would ever remove them. */
  unlabelled_images: number;
  temporary_files: number;
}

/** `temporary` is the folder that the server was told to use. */
export async function tracesOf({ engine, server }: World, temporary: string): Promise<Traces> {
  const left = await Promise.all([
    filesBelow(temporary),
    filesBelow(join(engine.dataFolder, 'tmp')),
    checkouts(server),
    controlGroups(server),
    unfinishedFiles(server.data),
  ]);
  return {
    descriptors: openDescriptors(server.process),
    containers: (await containers(engine)).length,
    unlabelled_images: await unlabelledImages(engine),
    temporary_files: left.flat().length,
  };
}

/** What grew. */
export function growthOf(before: Traces, after: Traces): string[] {
  const names = Object.keys(before) as (keyof Traces)[];
  return names.filter((name) => after[name] > before[name]);
}

async function unlabelledImages(engine: World['engine']): Promise<number> {
  const dangling = async (...filter: string[]) =>
    linesOf(await engine.docker('images', '--quiet', '--no-trunc', '--filter', 'dangling=true', ...filter));
  const all = new Set(await dangling());
  const ours = new Set(await dangling('--filter', 'label=docker-builder.store'));
  return all.difference(ours).size;
}

function filesBelow(folder: string): Promise<string[]> {
  return readdir(folder, { recursive: true }).catch(() => []);
}

/** Those that git and we write under another name first, and locks. */
async function unfinishedFiles(data: string): Promise<string[]> {
  return (await filesBelow(data)).filter((path) => /\.(?:lock|tmp|trash)$|\/(?:tmp_|incoming-)/.test(path));
}
