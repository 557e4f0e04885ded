import { expect } from 'chai';
import fc from 'fast-check';
import type { LogStream } from '../../../builder/model/log.ts';
import type { LogWriter } from '../../../server/room/logs/logs.ts';
import { asText, linesOf, onBothLogs, type Place, runId, textOf } from './logFixture.ts';

interface Line {
  stream: LogStream;
  text: string;
}

type Step =
  | { do: 'append'; stream: LogStream; lines: string[]; isOpenEnded: boolean }
  | { do: 'flush' | 'next attempt' | 'restart' }
  | { do: 'read'; a: number; b: number };

const text = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }).map((value) => value.replaceAll('\n', ' ')),
  fc.constantFrom('', 'ünïcödé ✓ 漢字 🐳', '\u001b[31mred\u001b[0m', 'x'.repeat(3000)),
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      stream: fc.constantFrom('stdout', 'stderr', 'system'),
      lines: fc.array(text, { minLength: 1, maxLength: 20 }),
      isOpenEnded: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('flush', 'next attempt', 'restart') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), a: fc.nat(200), b: fc.nat(200) }) },
);

onBothLogs('a log against a plain array', ({ newPlace, runs }) => {
  it('reads the same, whatever the blocks, segments, ring, attempts and restarts', async () => {
    const settings = fc.record({
      segmentBytes: fc.constantFrom(64, 500, 5000, 1_000_000),
      ring: fc.record({ lines: fc.constantFrom(1, 10, 1000), bytes: fc.constantFrom(100, 5000, 1_000_000) }),
    });
    await fc.assert(
      fc.asyncProperty(settings, fc.array(anyStep, { maxLength: 30 }), async (options, steps) => {
        await using place = await newPlace(options);
        await play(place, steps);
      }),
      { numRuns: runs(100) },
    );
  });
});

async function play(place: Place, steps: readonly Step[]): Promise<void> {
  const model: Line[] = [];
  let writer: LogWriter = await place.logs.write(runId);
  for (const step of steps) {
    if (step.do === 'append') {
      const whole = asText(step.lines.map((line) => line.toWellFormed()));
      writer.append(step.stream, step.isOpenEnded && whole.length > 1 ? withoutLastBreak(whole) : whole);
      model.push(...step.lines.map((line) => ({ stream: step.stream, text: line.toWellFormed() })));
      expect(writer.lastLine).to.equal(model.length);
    } else if (step.do === 'read') {
      await writer.flush();
      await compare(place, model, step.a, step.b);
    } else if (step.do === 'flush') await writer.flush();
    else {
      await writer.end();
      if (step.do === 'restart') await place.reopen();
      writer = await place.logs.write(runId);
      expect(writer.lastLine).to.equal(model.length);
    }
  }
  await writer.end();
  await compare(place, model, 1, model.length);
}

/** A block that ends with an empty line must keep its break: without it there would be one line less. */
function withoutLastBreak(block: string): string {
  return block.endsWith('\n\n') ? block : block.slice(0, -1);
}

async function compare({ logs }: Place, model: readonly Line[], a: number, b: number): Promise<void> {
  const texts = model.map((line) => line.text);
  expect(await logs.lineCount(runId)).to.equal(model.length);
  expect(await textOf(await logs.tail(runId, a))).to.equal(asText(a === 0 ? [] : texts.slice(-a)));
  const range = await logs.range(runId, a, b);
  expect(await textOf(range)).to.equal(asText(texts.slice(Math.max(0, a - 1), Math.max(0, b))));
  const lines = await linesOf(logs, a, b);
  expect(lines.map(({ number, stream, text: content }) => ({ number, stream, text: content }))).to.deep.equal(
    model.map((line, at) => ({ number: at + 1, ...line })).slice(Math.max(0, a - 1), b),
  );
}
