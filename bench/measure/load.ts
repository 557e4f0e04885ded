import { fileURLToPath } from 'node:url';
import type { Options } from 'autocannon';
import { runProgram } from './program.ts';

export interface LoadResult {
  perSecond: number;
  requests: number;
  /** Latencies in milliseconds. */
  p50: number;
  p99: number;
  megabytesPerSecond: number;
  /** Requests without an answer, and answers that were no success. */
  failed: number;
}

const program = fileURLToPath(new URL('../load.ts', import.meta.url));

/** Loads a server from another process. */
export async function load(options: Options): Promise<LoadResult> {
  return JSON.parse(await runProgram(process.execPath, [program, JSON.stringify(options)])) as LoadResult;
}
