import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  /** An open file that gets what the program prints. */
  into?: number;
}

/** Runs a program to its end and gives what it printed; throws with its complaint where it fails. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env = process.env, into }: ProgramOptions = {},
): Promise<string> {
  const stdio: StdioOptions = ['ignore', into ?? 'pipe', 'pipe'];
  const child = spawn(program, args, { env, stdio });
  const [printed, complaint] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close'),
  ]);
  if (child.exitCode !== 0) throw new Error(`${program} ended with ${child.exitCode}: ${complaint}`);
  return printed;
}
