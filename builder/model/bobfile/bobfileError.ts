import type { BobfileProblem } from './bobfile.ts';

/** All that is wrong with a Bobfile, at once and in the file's order. */
export class BobfileError extends Error {
  readonly problems: readonly BobfileProblem[];

  constructor(path: string, problems: readonly BobfileProblem[]) {
    super(problems.map((problem) => problemLine(path, problem)).join('\n'));
    this.name = 'BobfileError';
    this.problems = problems;
  }
}

/** `Bobfile:3: container[0].tags[1]: must …`, on one line. */
export function problemLine(path: string, { line, place, problem }: BobfileProblem): string {
  const where = line === undefined ? path : `${path}:${line}`;
  return place === '' ? `${where}: ${problem}` : `${where}: ${place}: ${problem}`;
}
