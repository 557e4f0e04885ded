import { expect } from 'chai';
import fc from 'fast-check';
import type { Logs } from '../../../server/room/logs/logs.ts';
import { linesOf as linesOfPiece, type LogPiece } from '../../../server/room/logs/piece.ts';
import type { LogText } from '../../../server/words/logs.ts';
import { newAlarm } from '../../../server/app/live/reader.ts';
import { asText, numbered, onBothLogs, runId, textOf, writeLines } from './logFixture.ts';

onBothLogs('followers of a log', ({ newPlace, runs }) => {
  it('get every line once and in order, whenever and however slowly they read', async () => {
    const readers = fc.array(
      fc.record({
        from: fc.integer({ min: 1, max: 300 }),
        after: fc.nat(40),
        pause: fc.constantFrom(0, 0, 1, 7),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const writing = fc.array(fc.record({ lines: fc.integer({ min: 1, max: 40 }), flush: fc.boolean() }), {
      minLength: 1,
      maxLength: 40,
    });
    const ring = fc.constantFrom({ lines: 3, bytes: 100 }, { lines: 1000, bytes: 1_000_000 });
    await fc.assert(
      fc.asyncProperty(readers, writing, ring, async (wanted, blocks, limits) => {
        await using place = await newPlace({ ring: limits, segmentBytes: 1500, delayMs: 1 });
        const total = blocks.reduce((sum, block) => sum + block.lines, 0);
        const reading = wanted.map(({ from, after, pause }) =>
          collect(place.logs, from, total, after, pause),
        );
        const writer = await place.logs.write(runId);
        for (const block of blocks) {
          writer.append('stdout', asText(numbered(block.lines, writer.lastLine + 1)));
          if (block.flush) await writer.flush();
          else await turn();
        }
        await writer.end();
        for (const [at, lines] of (await Promise.all(reading)).entries()) {
          const from = wanted[at]?.from ?? 1;
          expect(lines).to.deep.equal(numbered(Math.max(0, total - from + 1), from));
        }
      }),
      { numRuns: runs(40) },
    );
  });

  it('who are up to date get the same object, so that it is encoded once', async () => {
    await using place = await newPlace();
    const writer = await place.logs.write(runId);
    const two = [place.logs.follow(runId, 1, () => {}), place.logs.follow(runId, 1, () => {})];
    for (let at = 0; at < 3; at++) {
      writer.append('stdout', 'more\n');
      await writer.flush();
      const [one, other] = await Promise.all(two.map((follower) => follower.take()));
      expect(one).to.be.an('object').and.to.equal(other);
    }
    for (const follower of two) follower.close();
  });

  it('keep what they were given, however much is written after it', async () => {
    await using place = await newPlace({ ring: { lines: 50, bytes: 1_000_000 } });
    const long = (count: number, from: number) => numbered(count, from).map((line) => line.padEnd(1000, '.'));
    const writer = await place.logs.write(runId);
    const follower = place.logs.follow(runId, 1, () => {});
    const given: { piece: LogPiece; tail: LogText | undefined; last: number }[] = [];
    for (let last = 20; last <= 400; last += 20) {
      writer.append('stdout', asText(long(20, writer.lastLine + 1)));
      await writer.flush();
      const piece = await follower.take();
      if (piece?.kind !== 'lines') throw new Error(`there is no piece at line ${last}`);
      given.push({ piece, tail: await place.logs.tail(runId, 30), last });
    }
    follower.close();
    await writer.end();
    for (const { piece, tail, last } of given) {
      const texts = linesOfPiece(piece).map(({ text }) => text);
      expect(texts).to.deep.equal(long(piece.last - piece.first + 1, piece.first));
      expect(await textOf(tail)).to.equal(asText(long(Math.min(30, last), Math.max(1, last - 29))));
    }
  });

  it('do not see a line before it is written, and read on across attempts', async () => {
    await using place = await newPlace({ delayMs: 60_000 });
    const follower = place.logs.follow(runId, 1, () => {});
    expect(await follower.take()).to.equal(undefined);
    const writer = await place.logs.write(runId);
    writer.append('stdout', 'first\n');
    expect(await follower.take()).to.equal(undefined);
    await writer.end();
    expect(await follower.take()).to.include({ first: 1, last: 1 });
    await writeLines(place.logs, ['second']);
    expect(await follower.take()).to.include({ first: 2, last: 2 });
    expect(follower.next).to.equal(3);
    follower.close();
  });

  it('are told of lines that were left out', async () => {
    await using place = await newPlace({ maxBytes: () => 3000 });
    await writeLines(place.logs, numbered(1000));
    const logs = await place.reopen();
    const follower = logs.follow(runId, 1, () => {});
    let next = 1;
    const kinds = new Set<string>();
    for (let item = await follower.take(); item; item = await follower.take()) {
      expect(item.first).to.equal(next);
      next = item.last + 1;
      kinds.add(item.kind);
    }
    follower.close();
    expect(next).to.equal(1001);
    expect([...kinds]).to.deep.equal(['lines', 'gap']);
  });

  it('who fall behind a log that loses its middle meanwhile still get one sequence', async () => {
    await using place = await newPlace({ maxBytes: () => 20_000, ring: { lines: 1, bytes: 1 } });
    const writer = await place.logs.write(runId);
    const follower = place.logs.follow(runId, 1, () => {});
    let next = 1;
    for (let round = 0; round < 300; round++) {
      writer.append('stdout', asText(numbered(20, writer.lastLine + 1)));
      const flushed = writer.flush();
      const item = await follower.take();
      if (item) expect(item.first).to.equal(next);
      if (item?.kind === 'lines')
        expect(linesOfPiece(item).map((line) => line.text)).to.deep.equal(
          numbered(item.last - item.first + 1, next),
        );
      next = item ? item.last + 1 : next;
      await flushed;
    }
    follower.close();
    expect(next).to.be.greaterThan(3000);
  });
});

/** Follows from a line to the last one; begins after some turns and pauses between its reads. */
async function collect(
  logs: Logs,
  from: number,
  total: number,
  after: number,
  pause: number,
): Promise<string[]> {
  for (let at = 0; at < after; at++) await turn();
  const lines: string[] = [];
  const alarm = newAlarm();
  const follower = logs.follow(runId, from, () => alarm.wake());
  while (follower.next <= total) {
    const item = await follower.take();
    if (item?.kind === 'gap') throw new Error('there should be no gap');
    if (item) lines.push(...linesOfPiece(item).map((line) => line.text));
    else await alarm.sleep();
    for (let at = 0; at < pause; at++) await turn();
  }
  follower.close();
  return lines;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
