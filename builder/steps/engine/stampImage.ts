import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { createBuildStream } from '../../model/buildStream.ts';
import { shortId } from '../../model/imageId.ts';
import type { LogSink } from '../../model/log.ts';
import type { ImageOptions } from '../../model/spec.ts';
import { asList, asRecord } from './answers.ts';
import { builtImage } from './buildFaults.ts';
import type { Engine } from './engine.ts';
import { readAnswer } from './readAnswer.ts';
import { tagImage } from './tagImage.ts';

export interface Stamp {
  engine: Engine;
  tags: readonly string[];
  labels: Readonly<Record<string, string>>;
  cgroupParent: string | undefined;
  options: ImageOptions;
  signal: AbortSignal;
}

/**
 * Puts the labels of a build on its image, all by one instruction, and tags the result; gives its id. The builder
 * itself would make an image for each label, which costs more than a whole cached build, and would do it between the
 * build and its cache.
 */
export async function stampImage(stamp: Stamp, imageId: string, log: LogSink): Promise<string> {
  if (await hasTriggers(stamp, imageId)) {
    log.append(
      'system',
      'the image has ONBUILD triggers, which a further instruction would set off: it gets no labels\n',
    );
    for (const name of stamp.tags) await tagImage(stamp.engine, imageId, name, stamp.signal);
    return imageId;
  }
  const stream = createBuildStream({ lines: { write: ignore, end: ignore }, onEvent: ignore, now: Date.now });
  const answer = await openBuild(stamp, `FROM ${imageId}\nLABEL ${labelWords(stamp.labels)}\n`);
  await readAnswer(answer, stream, log, stamp.signal);
  const stampedId = await builtImage(stamp, stream.end(), stream.container);
  log.append('system', `labelled: ${shortId(imageId)} is ${shortId(stampedId)} from here on\n`);
  return stampedId;
}

function openBuild({ engine, tags, cgroupParent, signal }: Stamp, dockerfile: string) {
  const context = pack();
  context.entry({ name: 'Dockerfile' }, dockerfile);
  context.finalize();
  const parent = cgroupParent !== undefined && { cgroupparent: cgroupParent };
  const query = { version: 1, t: tags, rm: 1, forcerm: 1, ...parent };
  return engine.open({ method: 'POST', path: '/build', query, file: Readable.from(context), signal });
}

async function hasTriggers({ engine, signal }: Stamp, imageId: string): Promise<boolean> {
  const image = asRecord(await engine.call({ method: 'GET', path: `/images/${imageId}/json`, signal }));
  return asList(asRecord(image['Config'])['OnBuild'] ?? []).length > 0;
}

function labelWords(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${quoted(name)}=${quoted(value)}`)
    .join(' ');
}

/** In a Dockerfile a quoted word still knows `\`, `"` and `$`, and no line end. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\"$]/g, String.raw`\$&`)}"`;
}

function ignore(): void {}
