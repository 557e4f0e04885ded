import type { Access } from '../model/access.ts';
import { maxBobfileBytes } from '../model/bobfile/bobfile.ts';
import { BobfileError, problemLine } from '../model/bobfile/bobfileError.ts';
import { bobfileText } from '../model/bobfile/bobfileText.ts';
import { BuildFault } from '../model/faults.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import type { LogSink } from '../model/log.ts';
import type { BobfileWish, BuildSpec } from '../model/spec.ts';
import type { SourceTree } from '../model/tree.ts';

const mostProblems = 50;

export interface Planning {
  log: LogSink;
  access: Pick<Access, 'ownBobfile'>;
  /** The tree of the repository's default branch. */
  defaultBranch: () => Promise<SourceTree>;
}

/**
 * The images that a source is made of: what its Bobfile says, else what the spec says.
 * @throws BuildFault `bobfile_missing` or `bobfile_invalid`; its problems are in the log.
 */
export async function planImages(
  tree: SourceTree,
  spec: BuildSpec,
  planning: Planning,
): Promise<readonly ImagePlan[]> {
  const { bobfile } = spec;
  if (!bobfile) return [spec.image];
  if (planning.access.ownBobfile) return (await imagesOf(tree, bobfile, planning.log)) ?? [spec.image];
  const trusted = await planning.defaultBranch();
  try {
    planning.log.append('system', 'the Bobfile of the default branch counts for this kind of ref\n');
    return (await imagesOf(trusted, bobfile, planning.log)) ?? [spec.image];
  } finally {
    await trusted.close();
  }
}

/** Undefined where there is no Bobfile and none is needed. */
async function imagesOf(
  tree: SourceTree,
  { path, required }: BobfileWish,
  log: LogSink,
): Promise<readonly ImagePlan[] | undefined> {
  const entry = await tree.entry(path);
  if (!entry && !required) return undefined;
  if (!entry) throw new BuildFault('bobfile_missing', `There is no "${path}" in the source.`);
  if (entry.kind !== 'file') throw invalid(`"${path}" is a ${entry.kind}, not a regular file`);
  if (entry.bytes > maxBobfileBytes) throw invalid(`"${path}" has more than ${maxBobfileBytes} bytes`);
  return parse(await tree.readFile(path, maxBobfileBytes), path, log);
}

async function parse(bytes: Buffer, path: string, log: LogSink): Promise<readonly ImagePlan[]> {
  // The parsers of three formats are loaded for the first Bobfile.
  const { parseBobfile } = await import('../model/bobfile/parse.ts');
  try {
    const { images, notes } = parseBobfile(bobfileText(bytes, path), path);
    for (const note of notes.slice(0, mostProblems)) log.append('system', `${problemLine(path, note)}\n`);
    return images;
  } catch (error) {
    if (!(error instanceof BobfileError)) throw error;
    throw explained(error, path, log);
  }
}

function explained({ problems }: BobfileError, path: string, log: LogSink): BuildFault {
  const lines = problems.slice(0, mostProblems).map((problem) => problemLine(path, problem));
  log.append('stderr', `${lines.join('\n')}\n`);
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return invalid(`${lines[0] ?? path}${more}`);
}

function invalid(sentence: string): BuildFault {
  return new BuildFault('bobfile_invalid', sentence);
}
