import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Files } from '../../test/fixtures/repository.ts';
import type { TestServer } from '../../test/fixtures/server.ts';

/** A build that prints this many numbered lines of 79 bytes. */
export function printingProject(lines: number): Files {
  return {
    Dockerfile: `FROM busybox\nCOPY seed /seed\nRUN awk '${printingProgram(lines)}'\n`,
    seed: '0',
  };
}

/** The same as a command. */
export function printingCommand(lines: number): string[] {
  return ['awk', printingProgram(lines)];
}

function printingProgram(lines: number): string {
  const format = 'line %d of many that a chatty program writes while it is being built, again';
  return `BEGIN { for (i = 1; i <= ${lines}; i++) printf "${format}\\n", i }`;
}

/** Reads the whole log of a job and throws where one of the printed lines is missing, or is not in its place. */
export async function checkWhole(server: TestServer, id: string, lines: number): Promise<void> {
  const response = await server.request(`/jobs/${id}/log`);
  if (!response.body) throw new Error(`the log of job ${id} has no body`);
  let seen = 0;
  for await (const line of createInterface({ input: Readable.from(response.body), crlfDelay: Infinity })) {
    const number = /^line (\d+) of many .* again$/.exec(line)?.[1];
    if (number === undefined) continue;
    if (Number(number) !== ++seen) throw new Error(`line ${number} stands where ${seen} should`);
  }
  if (seen !== lines) throw new Error(`${seen} of ${lines} lines are in the log`);
}
