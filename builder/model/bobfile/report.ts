import type { BobfileProblem } from './bobfile.ts';

export type Somewhere = Pick<BobfileProblem, 'line' | 'place'>;

/** Collects what is wrong with a file, and what is only to be told. */
export interface Report {
  /** `problem` goes on after the place: `must be …`, `is …`. */
  say(at: Somewhere, problem: string): void;
  note(at: Somewhere, sentence: string): void;
  /** In the file's order, each once. */
  problems(): BobfileProblem[];
  notes(): BobfileProblem[];
}

const mostProblems = 200;

export function createReport(): Report {
  const problems = new Map<string, BobfileProblem>();
  const notes = new Map<string, BobfileProblem>();

  return {
    say: (at, problem) => add(problems, at, problem),
    note: (at, sentence) => add(notes, at, sentence),
    problems: () => inOrder(problems),
    notes: () => inOrder(notes),
  };
}

/** What the globals say wrongly is met again in every container. */
function add(list: Map<string, BobfileProblem>, { line, place }: Somewhere, problem: string): void {
  if (list.size < mostProblems)
    list.set(`${place}\n${problem}`, { ...(line !== undefined && { line }), place, problem });
}

function inOrder(list: ReadonlyMap<string, BobfileProblem>): BobfileProblem[] {
  return [...list.values()].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
