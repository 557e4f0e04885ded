import { parseImageReference } from '../imageReference.ts';
import { createMetaArgs } from './metaArgs.ts';
import type { Instruction, Instructions } from './instructions.ts';
import { wordsOf } from './words.ts';

interface Stage {
  /** The image that it is made FROM, also by way of other stages; absent where it is none that is known. */
  base: string | undefined;
  /** The images of others that it uses. */
  images: string[];
}

interface Stages {
  list: Stage[];
  /** By their names, lower case. */
  byName: Map<string, number>;
}

/** The images that a build up to the target uses, and what the target is made FROM. */
export function readStages(
  { list, escape }: Instructions,
  buildArgs: Readonly<Record<string, string>>,
  target: string | undefined,
): { images: string[]; base: string | undefined } {
  const metaArgs = createMetaArgs(buildArgs, escape);
  const stages: Stages = { list: [], byName: new Map() };
  for (const instruction of list) {
    const current = stages.list.at(-1);
    if (instruction.name === 'FROM')
      addStage(stages, wordsOf(instruction.args, escape), (word) => metaArgs.expand(word));
    else if (instruction.name === 'ARG' && !current) metaArgs.declare(instruction.args);
    else current?.images.push(...sources(instruction).filter((name) => isImage(stages, name)));
  }
  const last = targetOf(stages, target) ?? stages.list.length - 1;
  const images = new Set(stages.list.slice(0, last + 1).flatMap((stage) => stage.images));
  return { images: [...images], base: stages.list[last]?.base };
}

function addStage(
  { list, byName }: Stages,
  [image = '', as = '', name = '']: string[],
  expand: (word: string) => string | undefined,
): void {
  const from = expand(image) ?? '';
  const parent = byName.get(from.toLowerCase());
  if (parent === undefined) list.push(externalStage(from));
  else list.push({ base: list[parent]?.base, images: [] });
  if (as.toLowerCase() === 'as' && name !== '') byName.set(name.toLowerCase(), list.length - 1);
}

function externalStage(image: string): Stage {
  if (image === 'scratch' || !parseImageReference(image)) return { base: undefined, images: [] };
  return { base: image, images: [image] };
}

/** What an instruction takes files from, besides the context. */
function sources({ name, flags }: Instruction): string[] {
  if (name === 'COPY') return flags.filter((flag) => flag.name === 'from').map(({ value }) => value);
  if (name !== 'RUN') return [];
  return flags.filter((flag) => flag.name === 'mount').flatMap(({ value }) => mountSource(value));
}

function mountSource(mount: string): string[] {
  const from = mount.split(',').find((part) => /^from=/i.test(part));
  return from === undefined ? [] : [from.slice('from='.length)];
}

/** Neither a stage, by name or number, nor a variable, which has no meaning there. */
function isImage({ byName, list }: Stages, name: string): boolean {
  const isNumber = /^\d+$/.test(name) && Number(name) < list.length;
  return !isNumber && !byName.has(name.toLowerCase()) && parseImageReference(name) !== undefined;
}

function targetOf({ byName, list }: Stages, target: string | undefined): number | undefined {
  if (target === undefined) return undefined;
  const number = byName.get(target.toLowerCase()) ?? (/^\d{1,9}$/.test(target) ? Number(target) : undefined);
  return number !== undefined && number < list.length ? number : undefined;
}
