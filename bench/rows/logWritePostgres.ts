import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPostgresStore } from '../../server/store/postgres.ts';
import { uuid7 } from '../../server/words/uuid7.ts';
import { startPostgres } from '../../test/fixtures/postgres.ts';
import { buildOutput } from '../measure/buildOutput.ts';
import { runProgram } from '../measure/program.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';

const program = fileURLToPath(new URL('../logWriter.ts', import.meta.url));
const [builds, megabytes] = [4, 400];

interface Written {
  bytes: number;
  seconds: number;
  cpuSeconds: number;
  peakMb: number;
  faults: string[];
}

/** One worker, with the limit of memory that the program sets itself, whose four builds print as fast as a PostgreSQL of its own stores it, which writes to its disk at each commit. */
export async function logWritePostgres(): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'dbb-'));
  const postgres = await startPostgres({ durable: true });
  try {
    await (await openPostgresStore(postgres.url)).close();
    const runs = Array.from({ length: builds }, () => uuid7());
    const text = join(folder, 'output.txt');
    await writeFile(text, buildOutput(16e6, 1));
    const wish = JSON.stringify({ url: postgres.url, runs, text, megabytes });
    const written = JSON.parse(
      await runProgram(process.execPath, ['--max-semi-space-size=4', program, wish]),
    ) as Written;
    const { bytes, seconds, cpuSeconds, peakMb, faults } = written;
    const [stored] = await postgres.script(
      'SELECT sum(text_bytes)::text AS text, sum(stored)::text AS stored, count(*)::int AS chunks FROM log_chunks',
    );
    const isWhole = Number(stored?.['text']) === bytes && faults.length === 0;
    const row = { value: bytes / 1e6 / seconds, unit: 'MB/s', reach: 30 };
    return atLeast('log-write-postgres', row, isWhole, {
      builds,
      megabytes: Math.round(bytes / 1e6),
      lost: !isWhole,
      cpu_seconds: short(cpuSeconds, 1),
      rss_peak_mb: peakMb,
      chunks: stored?.['chunks'],
      stored_mb: Math.round(Number(stored?.['stored']) / 1e6),
    });
  } finally {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
}
