// Runs mocha over the given files and prints `N passed, N failed` alone on the last line.
// A run that dies, hangs, or has no test at all counts as failed: mocha by itself would say nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Totals } from './reporter.ts';

const reporter = path.join(import.meta.dirname, 'reporter.ts');
const longestRunMs = 30 * 60_000;
const longestExitMs = 20_000;
/** Files of tests at once: most of their time is waiting, and each process has an engine of its own. */
const jobs = Math.min(4, Math.max(3, availableParallelism()));
/** Compiled code of the tests and of the many servers that they start: to compile it is most of such a start. */
const compiled = path.join(import.meta.dirname, '..', '.toolchain', 'compiled');

interface Outcome {
  totals: Totals | undefined;
  exitCode: number | null;
  trouble: string | undefined;
}

/** Runs mocha as the leader of its own process group, so that a hanging run can be ended with all it started. */
async function runMocha(patterns: string[]): Promise<Outcome> {
  const mocha = spawn('mocha', ['--parallel', '--jobs', String(jobs), '--reporter', reporter, ...patterns], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
    // Code that was compiled before is not counted exactly where coverage is measured.
    env: process.env['NODE_V8_COVERAGE'] ? process.env : { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  const killGroup = () => process.kill(-(mocha.pid ?? 0), 'SIGKILL');
  const passOn = (signal: NodeJS.Signals) => mocha.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, passOn);

  const over = new AbortController();
  let totals: Totals | undefined;
  let trouble: string | undefined;
  const endAfter = async (ms: number, sentence: string) => {
    await sleep(ms, undefined, { signal: over.signal });
    trouble = sentence;
    killGroup();
  };
  const guard = (ms: number, sentence: string) => void endAfter(ms, sentence).catch(() => undefined);

  guard(longestRunMs, `The tests took longer than ${longestRunMs / 60_000} minutes and were stopped.`);
  mocha.on('message', (message: Totals) => {
    totals = message;
    guard(longestExitMs, 'The tests ended, but something that they started keeps their process alive.');
  });
  const [exitCode] = (await once(mocha, 'exit')) as [number | null];
  over.abort();
  return { totals, exitCode, trouble };
}

/** What went wrong apart from failed tests, as a sentence. */
function troubleOf({ totals, exitCode, trouble }: Outcome): string | undefined {
  if (trouble) return trouble;
  if (!totals)
    return `mocha ended before the tests did (exit code ${exitCode ?? 'none'}); its last words are above.`;
  if (totals.passed + totals.failed === 0) return 'No test ran.';
  if (exitCode !== 0 && totals.failed === 0) return `mocha ended with exit code ${exitCode ?? 'none'}.`;
  return undefined;
}

const outcome = await runMocha(process.argv.slice(2));
const trouble = troubleOf(outcome);
if (trouble) console.log(trouble);
const { passed, failed, skipped } = outcome.totals ?? { passed: 0, failed: 0, skipped: 0 };
const allFailed = failed + (trouble ? 1 : 0);
console.log(`${passed} passed, ${allFailed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = allFailed ? 1 : 0;
