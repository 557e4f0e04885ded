import { expect } from 'chai';
import fc from 'fast-check';
import type { LogStream } from '../../../builder/model/log.ts';
import { onBothLogs, type Place, runId } from '../logs/logFixture.ts';

type Block = readonly [stream: LogStream, lines: number];

const block = fc.tuple(
  fc.constantFrom<LogStream>('stdout', 'stderr', 'system'),
  fc.integer({ min: 1, max: 40 }),
);
/** What each of those wrote who held an attempt one after the other, for several attempts. */
const attempts = fc.array(
  fc.array(fc.array(block, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

async function write(place: Place, blocks: readonly Block[]): Promise<void> {
  const writer = await place.logs.write(runId);
  for (const [stream, lines] of blocks) {
    writer.append(stream, `${stream} ü\n`.repeat(lines));
    await writer.flush();
  }
  await writer.end();
  await place.reopen();
}

const linesOf = (blocks: readonly Block[], wanted: LogStream) =>
  blocks.reduce((sum, [stream, lines]) => sum + (stream === wanted ? lines : 0), 0);

onBothLogs('how much of a container’s output a log has', ({ newPlace, runs }) => {
  it('is known of each attempt, also where the middle was removed', async () => {
    await fc.assert(
      fc.asyncProperty(attempts, fc.constantFrom(1500, 4000, 1_000_000), async (all, maxBytes) => {
        await using place = await newPlace({ maxBytes: () => maxBytes });
        for (const writers of all) {
          const firstLine = ((await place.logs.lineCount(runId)) ?? 0) + 1;
          for (const blocks of writers) await write(place, blocks);
          const [stdout, stderr] = (['stdout', 'stderr'] as const).map((one) => linesOf(writers.flat(), one));
          const counted = await place.logs.count(runId, firstLine);
          expect(counted).to.deep.include({ stdout, stderr, bytes: 10 * ((stdout ?? 0) + (stderr ?? 0)) });
          expect(counted?.newestAt !== undefined).to.equal(stdout !== 0 || stderr !== 0);
        }
      }),
      { numRuns: runs(30) },
    );
  });

  it('is nothing where there is no log, or no such line', async () => {
    await using place = await newPlace();
    expect(await place.logs.count(runId, 1)).to.equal(undefined);
    await write(place, [['stdout', 3]]);
    expect(await place.logs.count(runId, 4)).to.deep.include({ stdout: 0, stderr: 0, newestAt: undefined });
  });
});
