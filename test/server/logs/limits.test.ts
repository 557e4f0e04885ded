import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { gapLine } from '../../../server/words/logs.ts';
import {
  asText,
  linesOf,
  newPlace as newFolderPlace,
  numbered,
  onBothLogs,
  openFiles,
  runId,
  textOf,
  writeLines,
} from './logFixture.ts';

onBothLogs('a log that passes its limit', ({ newPlace, runs }) => {
  it('keeps head and tail and says how many lines it left out', async () => {
    const shape = fc.record({
      maxBytes: fc.integer({ min: 2000, max: 20_000 }),
      lines: fc.nat(1500),
      block: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ maxBytes, lines, block }) => {
        await using place = await newPlace({ maxBytes: () => maxBytes, ring: { lines: 5, bytes: 1000 } });
        await writeLines(place.logs, numbered(lines), block);
        await place.reopen();
        const kept = (await linesOf(place.logs, 1, lines)).map((line) => line.number);
        const gapAt = kept.findIndex((number, at) => number !== at + 1);
        const head = gapAt < 0 ? kept.length : gapAt;
        const gap = { kind: 'gap' as const, first: head + 1, last: (kept[head] ?? 0) - 1 };
        const all = numbered(lines);
        const expected =
          gapAt < 0 ? asText(all) : asText(all.slice(0, head)) + gapLine(gap) + asText(all.slice(gap.last));
        expect(await textOf(await place.logs.range(runId, 1, Infinity))).to.equal(expected);
        expect(kept.at(-1)).to.equal(lines === 0 ? undefined : lines);
        const bytes = await place.bytes();
        expect(bytes).to.be.lessThan(maxBytes + 1000);
        if (gapAt >= 0) {
          expect(head * 26).to.be.greaterThan(maxBytes / 4);
          expect(bytes).to.be.greaterThan(maxBytes / 2);
        }
      }),
      { numRuns: runs(25) },
    );
  });

  it('shows a reader of a part of the gap how much of that part is left out', async () => {
    await using place = await newPlace({ maxBytes: () => 4000, ring: { lines: 5, bytes: 1000 } });
    await writeLines(place.logs, numbered(2000));
    const numbers = (await linesOf(place.logs, 1, 2000)).map((line) => line.number);
    const first = numbers.findIndex((number, at) => number !== at + 1) + 1;
    expect(await textOf(await place.logs.range(runId, first + 2, first + 4))).to.equal(
      '… 3 lines left out …\n',
    );
    expect(await textOf(await place.logs.range(runId, first - 1, first))).to.equal(
      `line ${first - 1}\n… 1 lines left out …\n`,
    );
  });

  it('takes blocks that are larger than a segment, and lines of 64 KiB', async () => {
    await using place = await newPlace({ segmentBytes: 10_000, ring: { lines: 2, bytes: 100 } });
    const lines = [...numbered(5), 'ü'.repeat(32 * 1024), 'x'.repeat(64 * 1024 - 1), ...numbered(5)];
    await writeLines(place.logs, lines, 12);
    await place.reopen();
    expect(await textOf(await place.logs.tail(runId, 12))).to.equal(asText(lines));
    expect((await linesOf(place.logs, 6, 7)).map((line) => line.text)).to.deep.equal(lines.slice(5, 7));
  });

  it('makes the builder wait while the disk is behind, and takes no more than it said', async () => {
    await using place = await newPlace();
    const writer = await place.logs.write(runId);
    const block = `${'x'.repeat(1023)}\n`.repeat(64);
    let waits = 0;
    for (let at = 0; at < 320; at++) {
      writer.append('stdout', block);
      if (writer.congested) waits++;
      await writer.congested;
    }
    await writer.end();
    expect(waits).to.be.greaterThan(0);
    expect(await place.logs.lineCount(runId)).to.equal(320 * 64);
    expect((await place.logs.range(runId, 1, Infinity))?.bytes).to.equal(320 * block.length);
  });
});

onBothLogs('a log', ({ newPlace }) => {
  it('belongs to one writer at a time', async () => {
    await using place = await newPlace();
    const writer = await place.logs.write(runId);
    expect(await place.logs.write(runId).catch(String)).to.match(/already being written/);
    await writer.end();
    await (await place.logs.write(runId)).end();
  });

  it('is not there for unknown, foreign or removed ids', async () => {
    await using place = await newPlace();
    await writeLines(place.logs, numbered(3));
    for (const id of [runId.replace('a', 'b'), '../../etc/passwd', '', runId.toUpperCase()]) {
      expect(await place.logs.tail(id, 1), id).to.equal(undefined);
      expect(await place.logs.lineCount(id), id).to.equal(undefined);
    }
    expect(await place.logs.write('../../x').catch(String)).to.match(/not the id of a run/);
    await place.logs.remove(runId);
    expect(await place.logs.tail(runId, 1)).to.equal(undefined);
    await place.reopen();
    expect(await place.logs.lineCount(runId)).to.equal(undefined);
  });
});

describe('the files of a log', () => {
  it('are closed after each read and each end, also where a reader stops half way', async () => {
    await using place = await newFolderPlace({ segmentBytes: 2000 });
    await writeLines(place.logs, numbered(500));
    await place.reopen();
    for (let at = 0; at < 20; at++) {
      const text = await place.logs.range(runId, 1, 500);
      for await (const chunk of text?.chunks() ?? []) if (chunk.length > 0) break;
      await linesOf(place.logs, at, at + 100);
      await place.logs.tail(runId, 400);
    }
    expect(await openFiles(place.folder)).to.deep.equal([]);
  });

  it('that cannot be written are reported once, and nothing throws', async () => {
    await using place = await newFolderPlace();
    const faults: Error[] = [];
    await writeLines(place.logs, numbered(3));
    const writer = await place.logs.write(runId, (fault) => faults.push(fault));
    expect(await place.logs.remove(runId).catch(String)).to.match(/being written/);
    await rm(place.logFolder, { recursive: true });
    for (let at = 0; at < 5; at++) {
      writer.append('stdout', 'gone\n');
      await writer.flush();
    }
    await writer.end();
    expect(faults.map((fault) => 'code' in fault && fault.code)).to.deep.equal(['ENOENT']);
    expect(writer.fault).to.equal(faults[0]);
    expect(writer.lastLine).to.equal(3);
    expect(await openFiles(place.folder)).to.deep.equal([]);
  });
});
