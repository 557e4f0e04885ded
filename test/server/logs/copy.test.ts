import { expect } from 'chai';
import type { LogStream } from '../../../builder/model/log.ts';
import { copyLog } from '../../../server/room/logs/copy.ts';
import type { Logs } from '../../../server/room/logs/logs.ts';
import {
  linesOf,
  numbered,
  onBothLogs,
  type Place,
  newPlace as newFolder,
  runId,
  asText,
} from './logFixture.ts';

const streams: readonly LogStream[] = ['stdout', 'stderr', 'system'];

/** Two attempts, the first with lines of long ago. */
async function fill(logs: Logs): Promise<void> {
  for (const [attempt, base] of [1_600_000_000_000, 1_700_000_000_000].entries()) {
    const writer = await logs.write(runId);
    for (let n = 0; n < 60; n++) {
      const stream = streams[(n + attempt) % 3] ?? 'stdout';
      writer.append(stream, asText(numbered(5, writer.lastLine + 1)), base + Math.floor(n / 2));
      await writer.flush();
    }
    await writer.end();
  }
}

async function contentsOf(logs: Logs) {
  return {
    last: await logs.lineCount(runId),
    lines: await linesOf(logs, 1, Infinity),
    removed: await logs.removedParts(runId),
    counts: await logs.count(runId, 1),
    ofSecond: await logs.count(runId, 301),
  };
}

onBothLogs('a log that is copied', ({ newPlace }) => {
  for (const maxBytes of [3000, 1_000_000])
    it(`is the same on the other side, and back in files, where it may have ${maxBytes} bytes`, async () => {
      await using from: Place = await newFolder({ maxBytes: () => maxBytes });
      await fill(from.logs);
      // What is removed of a log stays in memory for a while.
      await from.reopen();
      await using to = await newPlace();
      await to.logs.write(runId).then(async (writer) => {
        writer.append('stdout', 'to be replaced\n');
        await writer.end();
      });
      expect(await copyLog(from.logs, to.logs, runId)).to.equal(600);
      await to.reopen();
      const expected = await contentsOf(from.logs);
      expect(expected.removed.length > 0).to.equal(maxBytes === 3000);
      expect(await contentsOf(to.logs)).to.deep.equal(expected);
      await using back = await newFolder();
      await copyLog(to.logs, back.logs, runId);
      await back.reopen();
      expect(await contentsOf(back.logs)).to.deep.equal(expected);
    });

  it('is not there where there was none', async () => {
    await using from = await newFolder();
    await using to = await newPlace();
    expect(await copyLog(from.logs, to.logs, runId)).to.equal(undefined);
    expect(await to.logs.lineCount(runId)).to.equal(undefined);
  });
});
