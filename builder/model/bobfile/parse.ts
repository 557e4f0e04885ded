import type { ImagePlan } from '../imagePlan.ts';
import { shown } from '../shown.ts';
import { type Bobfile, maxBobfileBytes } from './bobfile.ts';
import { BobfileError } from './bobfileError.ts';
import { type FileNode, FormatError } from './fileNode.ts';
import { readImage } from './image.ts';
import { readLayout } from './layout.ts';
import { type Container, readNames } from './names.ts';
import { readOrder } from './order.ts';
import { readDocument } from './readDocument.ts';
import { createReport, type Report } from './report.ts';

/**
 * Reads a Bobfile in TOML, JSON or YAML. `path` is for messages, and tells the format of a text that is none.
 * @throws BobfileError with all that is wrong; nothing else, and in bounded time.
 */
export function parseBobfile(text: string, path: string): Bobfile {
  if (Buffer.byteLength(text) > maxBobfileBytes)
    throw new BobfileError(path, [{ place: '', problem: `must have at most ${maxBobfileBytes} bytes` }]);
  const report = createReport();
  const { docker, containers } = readLayout(rootOf(text, path), report);
  const names = readNames(containers, report);
  const order = readOrder(containers, names, report);
  const images = containers.map(({ entry, at }, i) => ({
    name: names[i] ?? '',
    ...readImage(entry, at, docker, report),
    depends: order[i] ?? [],
  }));
  checkTags(images, containers, report);
  const problems = report.problems();
  if (problems.length > 0) throw new BobfileError(path, problems);
  return { path, images, notes: report.notes() };
}

function rootOf(text: string, path: string): FileNode {
  try {
    return readDocument(text, path);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new BobfileError(path, [{ line: error.line, place: '', problem: error.message }]);
  }
}

/** Of two images with one name and tag, the one that is ready last would take it from the other. */
function checkTags(images: readonly ImagePlan[], containers: readonly Container[], report: Report): void {
  const owners = new Map<string, string>();
  for (const [i, { repository, tags }] of images.entries()) {
    const at = containers[i]?.at;
    if (repository === undefined || !at) continue;
    for (const name of new Set(tags.map((tag) => `${repository}:${tag}`))) {
      const owner = owners.get(name);
      if (owner !== undefined)
        report.say(
          at,
          `must have other tags or another project: ${shown(name)} is also what ${owner} is called`,
        );
      owners.set(name, at.place);
    }
  }
}
