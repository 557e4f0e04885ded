import { expect } from 'chai';
import fc from 'fast-check';
import type { SeenLines } from '../../../builder/model/container.ts';
import { createContainerOutput } from '../../../builder/model/containerOutput.ts';
import { createFrameReader, type FrameReader, type OutputStream } from '../../../builder/model/frames.ts';
import { memoryLog } from '../engine/builds.ts';

interface Entry {
  stream: OutputStream;
  text: string;
}

const none: SeenLines = { stdout: 0, stderr: 0, bytes: 0, newestAt: undefined };
const base = Date.parse('2026-11-22T10:00:00Z');

/** As the engine writes it: with nanoseconds. */
const timeOf = (index: number): string =>
  `${new Date(base + index).toISOString().slice(0, -1)}${String(index % 1_000_000).padStart(6, '0')}Z `;

function frame(stream: OutputStream, payload: string): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

const plain = (entries: readonly Entry[]): Buffer =>
  Buffer.concat(entries.map(({ stream, text }) => frame(stream, text)));
const stamped = (entries: readonly Entry[], from = 0): Buffer =>
  Buffer.concat(entries.map(({ stream, text }, i) => frame(stream, timeOf(from + i) + text)));

/** Writes it in pieces, each a buffer of its own: a reader may change what it is given. */
function writeInPieces(reader: FrameReader, bytes: Buffer, cuts: readonly number[]): void {
  let from = 0;
  for (const cut of cuts) {
    reader.write(Buffer.from(bytes.subarray(from, from + cut)));
    from += cut;
  }
  reader.write(Buffer.from(bytes.subarray(from)));
}

const outputOf = (entries: readonly Entry[]) => {
  const of = (wanted: OutputStream): string => {
    const all = entries.map(({ stream, text }) => (stream === wanted ? text : '')).join('');
    return all === '' || all.endsWith('\n') ? all : `${all}\n`;
  };
  return { stdout: of('stdout'), stderr: of('stderr') };
};
const written = (log: ReturnType<typeof memoryLog>) => ({
  stdout: log.text('stdout'),
  stderr: log.text('stderr'),
});

const newOutput = (log: ReturnType<typeof memoryLog>, seen: SeenLines = none, mayBeLost = () => false) =>
  createContainerOutput(log, { seen, keepLastJson: true, mayBeLost });

const texts = fc.constantFrom(
  'a\n',
  '\n',
  'half ',
  'é€😀\n',
  'two\nlines\n',
  `${'x'.repeat(5000)}\n`,
  ' whole\n',
);
const entries = fc.array(fc.record({ stream: fc.constantFrom('stdout', 'stderr'), text: texts }), {
  maxLength: 40,
}) as fc.Arbitrary<Entry[]>;
const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 60 });

describe('The output of a container', () => {
  it('is the same however its frames are cut', () => {
    fc.assert(
      fc.property(entries, cuts, (all, pieces) => {
        const log = memoryLog();
        const reader = newOutput(log).live();
        writeInPieces(reader, plain(all), pieces);
        expect(reader.incomplete).to.equal(false);
        reader.end();
        expect(written(log)).to.deep.equal(outputOf(all));
      }),
    );
  });

  it('has every line once over broken connections', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.nat(20_000), { maxLength: 4 }), cuts, (all, breaks, pieces) => {
        const log = memoryLog();
        const output = newOutput(log);
        const bytes = plain(all);
        output.live().write(Buffer.from(bytes.subarray(0, breaks[0] ?? 0)));
        for (const at of breaks.slice(1)) output.replay().write(Buffer.from(stamped(all).subarray(0, at)));
        const last = output.replay();
        writeInPieces(last, stamped(all), pieces);
        last.end();
        expect(written(log)).to.deep.equal(outputOf(all));
      }),
    );
  });

  it('goes on with the newest entries, as long as these reach back far enough', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.nat(40), { maxLength: 6 }), fc.nat(10), (all, stops, spare) => {
        const log = memoryLog();
        const reader = newOutput(log).replay();
        const ends = [
          ...stops.map((stop) => Math.min(stop, all.length)).toSorted((a, b) => a - b),
          all.length,
        ];
        let had = ends[0] ?? 0;
        reader.write(stamped(all.slice(0, had)));
        for (const end of ends) {
          const from = Math.max(0, had - spare - 1);
          const tail = reader.tail();
          tail.write(stamped(all.slice(from, end), from));
          expect(tail.isJoined).to.equal(true);
          had = end;
        }
        reader.end();
        expect(written(log)).to.deep.equal(outputOf(all));
      }),
    );
  });

  it('takes no newest entries that do not reach back far enough', () => {
    const log = memoryLog();
    const reader = newOutput(log).replay();
    const all: Entry[] = Array.from({ length: 6 }, (_, i) => ({ stream: 'stdout', text: `${i}\n` }));
    reader.write(stamped(all.slice(0, 2)));
    const short = reader.tail();
    short.write(stamped(all.slice(3), 3));
    expect(short.isJoined).to.equal(false);
    expect(log.text('stdout')).to.equal('0\n1\n');
    const long = reader.tail();
    long.write(stamped(all.slice(1, 4), 1));
    expect(long.isJoined).to.equal(true);
    expect(log.text('stdout')).to.equal('0\n1\n2\n3\n');
    reader.tailByTime().write(stamped(all.slice(5), 5));
    expect(log.text()).to.match(/3\n.*no longer has all.*\n5\n$/);
  });

  it('does not mind entries of one time, nor a clock that is set back', () => {
    const log = memoryLog();
    const reader = newOutput(log).replay();
    const at = (index: number, text: string): Buffer => frame('stdout', `${timeOf(index)}${text}\n`);
    const entry = [at(5, 'a'), at(5, 'b'), at(5, 'c'), at(3, 'd'), at(4, 'e')];
    reader.write(Buffer.concat(entry.slice(0, 2)));
    for (const end of [3, 4, 5]) reader.tail().write(Buffer.concat(entry.slice(0, end)));
    reader.end();
    expect(log.text('stdout')).to.equal('a\nb\nc\nd\ne\n');
  });

  it('goes on by time where the engine has lost its beginning, and says so', () => {
    const all: Entry[] = Array.from({ length: 6 }, (_, i) => ({ stream: 'stdout', text: `${i}\n` }));
    const seen = { stdout: 100, stderr: 0, bytes: 300, newestAt: base + 3, oldestAt: base - 60_000 };
    const log = memoryLog();
    const reader = newOutput(log, seen).replay();
    reader.write(stamped(all));
    reader.end();
    expect(log.text('stdout')).to.equal('4\n5\n');
    expect(log.text('system')).to.contain('no longer has all of the output');

    const large = memoryLog();
    const other = newOutput(large, { ...seen, oldestAt: base }, () => true).replay();
    other.write(stamped(all));
    other.end();
    expect(large.text('stdout')).to.equal('4\n5\n');
  });

  it('knows its last line that is not blank, also of what is in the log already', () => {
    const all: Entry[] = [
      { stream: 'stdout', text: '{"a": 1}\n' },
      { stream: 'stdout', text: '\n  \n' },
      { stream: 'stderr', text: 'no\n' },
    ];
    const output = newOutput(memoryLog(), { ...none, stdout: 3, stderr: 1, newestAt: base, oldestAt: base });
    expect(output.lastJson).to.equal(undefined);
    output.replay().write(stamped(all));
    expect(output.lastJson).to.equal('{"a": 1}');
  });

  it('is refused where it is in no frame', () => {
    const reader = createFrameReader({ onPiece: () => undefined });
    expect(() => reader.write(Buffer.from('some text without a header'))).to.throw('in no frame');
    const short = createFrameReader({ onPiece: () => undefined });
    short.write(frame('stdout', 'abc').subarray(0, 9));
    expect(short.incomplete).to.equal(true);
  });
});
