import { expect } from 'chai';
import fc from 'fast-check';
import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asText, linesOf, newPlace, numbered, runId, textOf, writeLines } from './logFixture.ts';

const shape = fc.record({
  lines: fc.integer({ min: 1, max: 300 }),
  segmentBytes: fc.constantFrom(300, 2000, 100_000),
  textCut: fc.nat(400),
  indexCut: fc.nat(400),
});

describe('a log whose writer was killed', () => {
  it('keeps the lines that are whole in text and index, and goes on with the next number', async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ lines, segmentBytes, textCut, indexCut }) => {
        await using place = await newPlace({ segmentBytes });
        const all = numbered(lines);
        await writeLines(place.logs, all);
        const { first, text, index } = await newestSegment(place.logFolder);
        await cutBy(text, textCut);
        await cutBy(index, indexCut);
        const left = all.slice(0, first - 1 + (await wholeLines(all.slice(first - 1), text, index)));
        const logs = await place.reopen();
        expect(await textOf(await logs.range(runId, 1, Infinity))).to.equal(asText(left));
        expect(await textBytes(place.logFolder)).to.equal(asText(left).length);
        await writeLines(logs, ['after']);
        const reopened = await place.reopen();
        expect(await textOf(await reopened.tail(runId, 2))).to.equal(asText([...left.slice(-1), 'after']));
        expect((await linesOf(reopened, 1, lines + 1)).at(-1)).to.include({
          number: left.length + 1,
          text: 'after',
        });
      }),
      { numRuns: 60 },
    );
  });

  it('drops what a loss of power left as zeros', async () => {
    await using place = await newPlace();
    await writeLines(place.logs, numbered(20));
    const { index } = await newestSegment(place.logFolder);
    await truncate(index, 12 * 16);
    await truncate(index, 5000 * 16);
    const logs = await place.reopen();
    expect(await textOf(await logs.range(runId, 1, 100))).to.equal(asText(numbered(12)));
  });

  it('shows a gap where a segment lost one of its files, and leaves other files alone', async () => {
    await using place = await newPlace({ segmentBytes: 500 });
    await writeLines(place.logs, numbered(100));
    const names = (await readdir(place.logFolder)).filter((name) => name.endsWith('.idx')).toSorted();
    const [second = '', third = ''] = names.slice(1);
    await writeFile(path.join(place.logFolder, 'notes.txt'), 'mine');
    await truncate(path.join(place.logFolder, second), 0);
    const logs = await place.reopen();
    const [from, to] = [Number.parseInt(second, 10), Number.parseInt(third, 10) - 1];
    expect(await textOf(await logs.range(runId, from - 1, to + 1))).to.equal(
      `line ${from - 1}\n… ${to - from + 1} lines left out …\nline ${to + 1}\n`,
    );
    expect(await readdir(place.logFolder)).to.include('notes.txt');
  });
});

async function newestSegment(folder: string): Promise<{ first: number; text: string; index: string }> {
  const newest =
    (await readdir(folder))
      .filter((name) => name.endsWith('.log'))
      .toSorted()
      .at(-1) ?? '';
  const text = path.join(folder, newest);
  return { first: Number.parseInt(newest, 10), text, index: text.replace(/log$/, 'idx') };
}

async function cutBy(file: string, bytes: number): Promise<void> {
  await truncate(file, Math.max(0, (await stat(file)).size - bytes));
}

/** How many of the lines fit whole into both files. */
async function wholeLines(lines: readonly string[], text: string, index: string): Promise<number> {
  let left = (await stat(text)).size;
  let count = 0;
  for (const line of lines) {
    left -= line.length + 1;
    if (left >= 0) count++;
  }
  return Math.min(count, Math.floor((await stat(index)).size / 16));
}

async function textBytes(folder: string): Promise<number> {
  const texts = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(texts.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
