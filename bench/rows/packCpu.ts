import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GitServer, startGitServer } from '../../test/fixtures/gitServer.ts';
import { createRepository, type Repository } from '../../test/fixtures/repository.ts';
import { createLargeRepository, largeSize } from '../measure/largeRepository.ts';
import { comparePairs } from '../measure/pairs.ts';
import { runProgram } from '../measure/program.ts';
import { sourceFiles } from '../measure/project.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';

const rounds = 7;
const textFiles = 2000;
const textBytes = 20_000;
const program = fileURLToPath(new URL('../pack.ts', import.meta.url));

interface Packed {
  ratio: number;
  details: { mb: number; archive_ms: number; tar_fs_ms: number; ratios: number[] };
}

/**
 * Processor time of packing a large context as a build does it, against tar-fs over a checkout of the same commit.
 * Beside it for text, which git keeps compressed: a checkout has unpacked that before.
 */
export async function packCpu(): Promise<Figure> {
  await using git = await startGitServer();
  const { ratio, details } = await compare(await createLargeRepository(git, 'acme/large'), largeSize.mb);
  const text = await compare(await createTextRepository(git), (textFiles * textBytes) / 1e6);
  return atMost('pack-cpu', { value: ratio, unit: 'of tar-fs', reach: 0.3 }, true, {
    ...largeSize,
    ...details,
    text: { value: short(text.ratio), files: textFiles, ...text.details },
  });
}

function createTextRepository(git: GitServer): Promise<Repository> {
  const files = sourceFiles(textFiles, textBytes);
  return createRepository(git, 'acme/text', { Dockerfile: 'FROM busybox\nCOPY . /app\n', ...files });
}

async function compare({ url }: Pick<Repository, 'url'>, mb: number): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'dbb-'));
  try {
    const checkout = join(folder, 'checkout');
    await runProgram('git', ['clone', '--quiet', url, checkout]);
    await rm(join(checkout, '.git'), { recursive: true });
    const { ratio, details } = await comparePairs(
      rounds,
      () => processorMs('archive', { url, folder: join(folder, 'sources') }, mb),
      () => processorMs('tar-fs', { folder: checkout }, mb),
    );
    const { ours_ms, by_hand_ms, ratios } = details;
    return { ratio, details: { mb, archive_ms: ours_ms, tar_fs_ms: by_hand_ms, ratios } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function processorMs(way: 'archive' | 'tar-fs', wish: object, mb: number): Promise<number> {
  const printed = await runProgram(process.execPath, [program, way, JSON.stringify(wish)]);
  const { ms, bytes } = JSON.parse(printed) as { ms: number; bytes: number };
  if (bytes < mb * 1e6) throw new Error(`${way} packed only ${bytes} bytes`);
  return ms;
}
