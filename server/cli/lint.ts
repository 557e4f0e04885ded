import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Bobfile, maxBobfileBytes } from '../../builder/model/bobfile/bobfile.ts';
import { BobfileError, problemLine } from '../../builder/model/bobfile/bobfileError.ts';
import { bobfileText } from '../../builder/model/bobfile/bobfileText.ts';
import { parseBobfile } from '../../builder/model/bobfile/parse.ts';
import { asksForHelp, readArguments, UsageError } from './arguments.ts';

const lintUsage = `docker-builder lint [file=Bobfile]

Checks a Bobfile, or that of a folder, without a server and without an engine. Prints
file:line: place: problem for each problem. Exit codes: 0 good, 1 has problems, 2 the file cannot be read.
`;

/** Does `lint`. Sets the exit code; throws a UsageError where the file cannot be read. */
export async function runLint(args: readonly string[]): Promise<void> {
  if (asksForHelp(args)) return void process.stdout.write(lintUsage);
  const [named = 'Bobfile'] = readArguments(args, [], ['[file]']).words;
  const path = isFolder(named) ? join(named, 'Bobfile') : named;
  const bytes = await readBounded(path);
  try {
    process.stdout.write(praise(parseBobfile(bobfileText(bytes, path), path)));
  } catch (error) {
    if (!(error instanceof BobfileError)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Who reads it hears why.
    return false;
  }
}

/** Reads a byte more than is allowed, and no more whatever the file is. */
async function readBounded(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: maxBobfileBytes })) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return Buffer.concat(chunks);
}

function praise({ path, images, notes }: Bobfile): string {
  const told = notes.map((note) => problemLine(path, { ...note, problem: `note: ${note.problem}` }));
  const names = images.map(({ name }) => name).join(', ');
  return [...told, `${path}: good: ${images.length === 1 ? 'image' : 'images'} ${names}`, ''].join('\n');
}
