import { StartError } from '../startError.ts';
import { asksForHelp, readArguments, UsageError } from './arguments.ts';
import { copyAll, type CopyReport } from './copy/copy.ts';
import { copyPlaceOf, type CopyPlace } from './copy/places.ts';
import { newProgress } from './copy/progress.ts';

export const storeUsage = `docker-builder store copy FROM TO [--from-data FOLDER] [--to-data FOLDER]

Copies a store with all its logs, and compares every row and every log with what was copied. FROM and
TO are each a data folder, an SQLite file (x.sqlite, x.db) or a postgres:// URL, as in
DOCKER_BUILDER_DATABASE. The logs of an SQLite file are in the data folder of --from-data or --to-data,
else in that of DOCKER_BUILDER_DATA.

Stop all servers and workers of both first. FROM stays as it is. TO must be empty; nothing is seen
there until all of it is. Numbers go on where they were. Afterwards let nobody serve FROM again: both
have one identity, and each would remove what the other has on an engine.

Exit codes: 0 copied, 1 nothing was copied, 2 a mistake in the arguments.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Does `store copy`. Throws a UsageError, or a StartError where nothing was copied. */
export async function runStore(args: readonly string[], env: Environment): Promise<void> {
  const [command = '', ...rest] = args;
  if (asksForHelp(args)) return void process.stdout.write(storeUsage);
  if (command !== 'copy') throw new UsageError(command === '' ? 'store copy?' : `unknown: store ${command}`);
  const { values, words } = readArguments(rest, ['from-data', 'to-data'], ['FROM', 'TO']);
  const data = env['DOCKER_BUILDER_DATA'] || './data';
  const from = copyPlaceOf('FROM', words[0] ?? '', values['from-data'] ?? data);
  const to = copyPlaceOf('TO', words[1] ?? '', values['to-data'] ?? data);
  say(await copied(from, to));
}

async function copied(from: CopyPlace, to: CopyPlace): Promise<CopyReport> {
  const progress = newProgress(process.stderr);
  try {
    return await copyAll(from, to, progress);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`nothing was copied: ${why}`, { cause: error });
  } finally {
    progress.end();
  }
}

function say({ tables, logs, key }: CopyReport): void {
  for (const { table, rows, changed, seconds } of tables) {
    const note = changed > 0 ? `, ${changed} with \\ufffd for the character NUL` : '';
    line(table, `${rows} rows`, `verified${note}`, seconds);
  }
  if (logs) line('logs', `${logs.logs} logs`, `verified, ${logs.lines} lines`, logs.seconds);
  else process.stdout.write('The logs stay where they are: both use the same data folder.\n');
  process.stdout.write(`${key}\nLet nobody serve the store that was copied again.\n`);
}

function line(name: string, count: string, verified: string, seconds: number): void {
  process.stdout.write(`${name.padEnd(20)} ${count.padStart(16)}  ${verified}  ${seconds.toFixed(1)} s\n`);
}
