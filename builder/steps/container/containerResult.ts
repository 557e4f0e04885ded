import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { ContainerResult } from '../../model/container.ts';
import { BuildFault } from '../../model/faults.ts';
import { isJson } from '../../model/json.ts';
import { containerFault } from './containerFaults.ts';
import type { ContainerRun } from './containerRun.ts';

const longestBytes = 1024 * 1024;

/**
 * What a container that ended with 0 gave as its result: nothing where no line is JSON. A BuildFault
 * `result_invalid` where its file is not there, is no regular one, no JSON, or longer than 1 MiB.
 */
export async function resultOf(run: ContainerRun): Promise<Pick<ContainerResult, 'output'>> {
  const { result } = run.spec;
  if (result === undefined) return {};
  if (result !== 'last_line') return { output: await fileResult(run, result.file) };
  const { lastJson } = run.output;
  return lastJson === undefined ? {} : { output: lastJson };
}

async function fileResult(run: ContainerRun, file: string): Promise<string> {
  const bytes = await readFile(run, file);
  let output: string;
  try {
    output = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    throw invalid(file, 'is no UTF-8 text');
  }
  if (!isJson(output)) throw invalid(file, 'is no JSON');
  return output;
}

async function readFile({ deps, name, signal }: ContainerRun, file: string): Promise<Buffer> {
  try {
    const path = `/containers/${name}/archive`;
    const answer = await deps.engine.open({ method: 'GET', path, query: { path: file }, signal });
    return await onlyFile(answer, file);
  } catch (error) {
    signal.throwIfAborted();
    const fault = containerFault(deps.engine.name, error, 'push');
    // What the engine cannot find by its path is the container's affair.
    if (fault instanceof BuildFault && fault.reason === 'container_invalid')
      throw invalid(file, 'is not there (nothing that is in memory outlives its container: no tmpfs)');
    throw fault;
  }
}

/** The engine follows links in a path only inside the container, and the last one not at all. */
async function onlyFile(answer: Readable, file: string): Promise<Buffer> {
  const tar = extract();
  answer.on('error', (error) => tar.destroy(error));
  answer.pipe(tar);
  try {
    for await (const entry of tar) {
      const { type, size } = entry.header;
      if (type !== 'file') throw invalid(file, `is no regular file but a ${type ?? 'thing of another kind'}`);
      if (size > longestBytes) throw invalid(file, 'is longer than 1 MiB');
      return await buffer(entry);
    }
  } finally {
    answer.destroy();
  }
  throw invalid(file, 'is not there');
}

function invalid(file: string, why: string): BuildFault {
  return new BuildFault('result_invalid', `the result ${file} ${why}`);
}
