import { parseImageReference } from '../imageReference.ts';
import { type Builder, builders, type CachePlan, type ImagePlan } from '../imagePlan.ts';
import { isPlatform } from '../platform.ts';
import { shown } from '../shown.ts';
import { tagTemplateProblem } from '../tagTemplate.ts';
import { treePath } from '../treePath.ts';
import type { FileNode, FilePlace } from './fileNode.ts';
import { type Entry, knownMembers } from './keys.ts';
import { type DockerOptions, readOptions } from './options.ts';
import type { Report } from './report.ts';
import { readRepository } from './repository.ts';
import { readCredentials, readSecrets, secretOf } from './secretNames.ts';
import { flagOf, tableMembers, textNode, textNodes } from './values.ts';

/** An image without what it is called by and waits for in its file. */
export type ImageDraft = Omit<ImagePlan, 'name' | 'depends'>;

const mostTags = 100;
const mostPlatforms = 20;

/** An entry, filled with the globals, as the image that is to be made. What is wrong is reported. */
export function readImage(entry: Entry, at: FilePlace, docker: DockerOptions, report: Report): ImageDraft {
  return {
    ...readSource(entry, report),
    ...readDestination(entry, at, report),
    ...readBuild(entry, report),
    platforms: readPlatforms(entry.get('platforms'), report),
    options: readOptions(entry, docker, report),
  };
}

function readSource(entry: Entry, report: Report): Pick<ImageDraft, 'dockerfile' | 'context'> {
  const node = entry.get('Dockerfile');
  const dockerfile = readPath(node, report);
  if (node && dockerfile === '') report.say(node, 'must be the path of a file');
  const context = readPath(entry.get('context'), report) ?? '';
  return { ...(dockerfile !== undefined && { dockerfile }), context };
}

function readDestination(
  entry: Entry,
  at: FilePlace,
  report: Report,
): Pick<ImageDraft, 'repository' | 'tags' | 'push' | 'credentials'> {
  const repository = readRepository(entry, at, report);
  const credentials = readCredentials(entry, report);
  const push = !(flagOf(entry.get('skip_push'), report) ?? false);
  const tags = readTags(entry.get('tags'), report);
  if (push && repository !== undefined && !entry.has('tags'))
    report.say(at, 'must have tags, such as ["latest"], because it is pushed');
  return {
    ...(repository !== undefined && { repository }),
    tags,
    push,
    ...(credentials && { credentials }),
  };
}

function readBuild(entry: Entry, report: Report): Pick<ImageDraft, 'builder' | 'secrets' | 'ssh' | 'cache'> {
  const secrets = readSecrets(entry.get('secrets'), report);
  const ssh = secretOf(entry.get('ssh'), report);
  const cache = readCache(entry.get('cache'), report);
  // The classic builder knows none of these, whatever the Dockerfile needs.
  const needsBuildKit = secrets.length > 0 || ssh !== undefined || cache.inline;
  const builder = readBuilder(entry.get('builder'), needsBuildKit, report);
  return { builder, secrets, ...(ssh !== undefined && { ssh }), cache };
}

/** In its normal form; "" is the repository itself. */
function readPath(node: FileNode | undefined, report: Report): string | undefined {
  const text = textNode(node, report);
  if (!text) return undefined;
  const path = text.text.startsWith('/') ? undefined : treePath(text.text);
  if (path === undefined)
    report.say(
      text,
      `${shown(text.text)} must be a path inside of the repository, without "..", ".git" or a "/" at its beginning`,
    );
  return path;
}

function readTags(node: FileNode | undefined, report: Report): string[] {
  return textNodes(node, mostTags, report).map((tag) => {
    const problem = tagTemplateProblem(tag.text);
    if (problem !== undefined) report.say(tag, `${shown(tag.text)} ${problem}`);
    return tag.text;
  });
}

function readPlatforms(node: FileNode | undefined, report: Report): string[] {
  const found = textNodes(node, mostPlatforms, report);
  for (const [i, one] of found.entries()) {
    if (!isPlatform(one.text))
      report.say(one, `${shown(one.text)} must be os/arch or os/arch/variant, such as linux/arm64`);
    if (found.findIndex(({ text }) => text === one.text) < i)
      report.say(one, `${shown(one.text)} is there twice`);
  }
  return found.map(({ text }) => text);
}

function readCache(node: FileNode | undefined, report: Report): CachePlan {
  const members = tableMembers(node, 'of from, to and inline', mostTags, report);
  const known = knownMembers(members, ['from', 'to', 'inline'], report);
  const to = readImages(known.get('to'), report);
  // What is pushed for its cache must have it.
  const inline = to.length > 0 || (flagOf(known.get('inline'), report) ?? false);
  return { from: readImages(known.get('from'), report), to, inline };
}

function readImages(node: FileNode | undefined, report: Report): string[] {
  return textNodes(node, mostTags, report).map((one) => {
    if (!parseImageReference(one.text))
      report.say(one, `${shown(one.text)} must be an image, such as quay.io/acme/app:latest`);
    return one.text;
  });
}

function readBuilder(node: FileNode | undefined, needsBuildKit: boolean, report: Report): Builder {
  const text = textNode(node, report);
  if (!text) return needsBuildKit ? 'buildkit' : 'auto';
  const builder = builders.find((one) => one === text.text);
  if (!builder) report.say(text, `${shown(text.text)} must be one of ${builders.join(', ')}`);
  if (builder === 'classic' && needsBuildKit)
    report.say(text, 'must be buildkit or auto: the classic builder has no secrets, ssh and inline cache');
  return needsBuildKit ? 'buildkit' : (builder ?? 'auto');
}
