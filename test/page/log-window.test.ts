import { expect } from 'chai';
import fc from 'fast-check';
import { createGaps } from '../../public/page/log/gaps.js';
import { createLines } from '../../public/page/log/lines.js';
import { lineOfStep } from '../../public/page/log/place.js';
import {
  afterScroll,
  farthest,
  rowHeight,
  scrolledHeight,
  shownRows,
  toScrolled,
} from '../../public/page/log/window.js';

const extents = fc.record({ rows: fc.nat(3_000_000), view: fc.integer({ min: 1, max: 2000 }) });
type Block = [number, 'stdout' | 'stderr' | 'system', string];
const block = (texts: string[], stream: Block[1] = 'stdout', at = 0): Block => [
  at,
  stream,
  texts.map((text) => `${text}\n`).join(''),
];

describe('page: the part of a log that is in the document', () => {
  it('holds what is seen, and never more than a few hundred rows', () => {
    fc.assert(
      fc.property(extents, fc.double({ min: 0, max: 1, noNaN: true }), (extent, share) => {
        const top = farthest(extent) * share;
        const { first, last } = shownRows(top, extent);
        expect(last - first + 1).to.be.at.most(extent.view / rowHeight + 42);
        expect(first * rowHeight).to.be.at.most(top);
        expect(Math.min(extent.rows * rowHeight, top + extent.view)).to.be.at.most((last + 1) * rowHeight);
      }),
    );
  });

  it('reaches both ends of a log of any length within what a browser can scroll', () => {
    fc.assert(
      fc.property(extents, (extent) => {
        const reach = scrolledHeight(extent) - extent.view;
        expect(scrolledHeight(extent)).to.be.at.most(8_000_000);
        expect(toScrolled(farthest(extent), extent)).to.be.closeTo(reach, 1e-6);
        expect(afterScroll({ top: 0, scrolled: 0 }, reach, extent)).to.be.closeTo(
          farthest(extent),
          extent.view,
        );
        expect(afterScroll({ top: farthest(extent), scrolled: reach }, 0, extent)).to.be.closeTo(
          0,
          extent.view,
        );
      }),
    );
  });

  it('moves pixel by pixel over a short way, however long the log', () => {
    const extent = { rows: 1_000_000, view: 600 };
    expect(afterScroll({ top: 5_000_000, scrolled: 2_000_000 }, 2_000_100, extent)).to.equal(5_000_100);
    expect(afterScroll({ top: 5_000_000, scrolled: 2_000_000 }, 4_000_000, extent)).to.be.closeTo(
      10_000_000,
      1000,
    );
  });

  it('shows a gap as one row, and finds each line again', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(60)), { maxLength: 6 });
    fc.assert(
      fc.property(ranges, (chosen) => {
        const gaps = createGaps();
        const gone = new Set<number>();
        for (const [first, length] of chosen) {
          gaps.add(first, first + length);
          for (let line = first; line <= first + length; line += 1) gone.add(line);
        }
        const rowStarts = Array.from({ length: 400 }, (_, i) => i + 1).filter(
          (line) => !gone.has(line) || !gone.has(line - 1),
        );
        expect(gaps.rows(400)).to.equal(rowStarts.length);
        rowStarts.forEach((line, row) => {
          expect(gaps.lineAt(row)).to.equal(line);
          expect(gaps.rowOf(line)).to.equal(row);
          expect(gaps.at(line) !== undefined).to.equal(gone.has(line));
        });
      }),
    );
  });
});

describe('page: the lines that are kept', () => {
  it('are bounded in number, newest and last looked at first', () => {
    const lines = createLines({ pageLines: 10, mostLines: 100, mostChars: 1e9 });
    for (let first = 1; first <= 991; first += 10)
      lines.add(first, [block(Array.from({ length: 10 }, (_, i) => `line ${first + i}`))]);
    expect(lines.last).to.equal(1000);
    expect(lines.held).to.equal(100);
    expect(lines.get(1000)?.text).to.equal('line 1000');
    expect(lines.get(1)).to.equal(undefined);
    expect(lines.missing(1, 30)).to.deep.equal({ first: 1, last: 30 });
    lines.add(1, [block(Array.from({ length: 30 }, (_, i) => `line ${i + 1}`))]);
    expect(lines.get(30)?.text).to.equal('line 30');
    expect(lines.missing(1, 30)).to.equal(undefined);
    expect(lines.held).to.be.at.most(100);
  });

  it('are bounded in characters', () => {
    const lines = createLines({ pageLines: 10, mostLines: 1e6, mostChars: 10_000 });
    for (let first = 1; first <= 1000; first += 1) lines.add(first, [block(['x'.repeat(100)])]);
    expect(lines.held).to.be.at.most(110);
  });

  it('do not change when the same lines come twice', () => {
    const lines = createLines();
    lines.add(1, [block(['a', 'b', 'c'])]);
    lines.add(2, [block(['b', 'c', 'd'])]);
    expect([1, 2, 3, 4].map((line) => lines.get(line)?.text)).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(lines.held).to.equal(4);
  });

  it('carry a colour on to the next line, but not past a step or a line of the server', () => {
    const lines = createLines({ pageLines: 2 });
    lines.add(1, [block(['\u001b[31mred', 'still red', 'and here'])]);
    lines.add(4, [
      block(['server'], 'system'),
      block(['plain', '\u001b[32mgreen', 'Step 2/3 : RUN x', 'plain']),
    ]);
    const colours = Array.from({ length: 8 }, (_, i) => lines.styleOf(i + 1).fg);
    expect(colours).to.deep.equal([undefined, 1, 1, undefined, undefined, undefined, undefined, undefined]);
  });

  it('are asked for without what the server did not keep', () => {
    const lines = createLines();
    lines.reach(100);
    lines.gaps.add(20, 80);
    expect(lines.missing(10, 90)).to.deep.equal({ first: 10, last: 19 });
    lines.add(10, [block(Array.from({ length: 10 }, () => 'x'))]);
    expect(lines.missing(10, 90)).to.deep.equal({ first: 81, last: 90 });
  });
});

describe('page: the line of a step', () => {
  const log = Array.from({ length: 5000 }, (_, i) => ({
    number: i + 1,
    at: i,
    stream: 'stdout' as const,
    text: i % 1000 === 500 ? `Step ${Math.floor(i / 1000) + 1}/5 : RUN x` : `line ${i + 1}`,
  }));

  it('is found with few requests', async () => {
    let requests = 0;
    const read = (from: number, to: number) => {
      requests += 1;
      return Promise.resolve(log.slice(from - 1, to));
    };
    expect(await lineOfStep({ number: 3, total: 5, startedAt: 2503 }, 5000, read)).to.equal(2501);
    expect(requests).to.be.at.most(16);
  });

  it('is found behind a gap', async () => {
    const kept = log.filter(({ number }) => number < 1000 || number > 4000);
    const read = (from: number, to: number) => {
      const found = kept.filter(({ number }) => number >= from && number <= to);
      return Promise.resolve(
        found.length > 0 ? found : kept.filter(({ number }) => number >= from).slice(0, 100),
      );
    };
    expect(await lineOfStep({ number: 5, total: 5, startedAt: 4500 }, 5000, read)).to.equal(4501);
    expect(await lineOfStep({ number: 1, total: 5, startedAt: 500 }, 5000, read)).to.equal(501);
  });
});
