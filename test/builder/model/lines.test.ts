import { expect } from 'chai';
import fc from 'fast-check';
import { createLineAssembler } from '../../../builder/model/lines.ts';
import type { LogStream } from '../../../builder/model/log.ts';

type Piece = readonly [LogStream, string];

function assemble(pieces: readonly Piece[], maxBytes?: number): Piece[] {
  const blocks: Piece[] = [];
  const assembler = createLineAssembler((stream, block) => blocks.push([stream, block]), maxBytes);
  for (const [stream, text] of pieces) assembler.write(stream, text);
  assembler.end();
  return blocks;
}

function linesOf(pieces: readonly Piece[], maxBytes?: number): string[] {
  return assemble(pieces, maxBytes).flatMap(([, block]) => block.split('\n').slice(0, -1));
}

const stdout = (...texts: string[]): Piece[] => texts.map((text) => ['stdout', text] as const);

describe('line assembler', () => {
  it('gives whole lines out as one block for each write', () => {
    expect(assemble(stdout('a\nb\n', 'c\n\n'))).to.deep.equal(stdout('a\nb\n', 'c\n\n'));
  });

  it('joins a line that comes in pieces, and gives the whole lines around it in one block', () => {
    expect(assemble(stdout('a', 'b', 'c\nd\ne\nf', 'g\n'))).to.deep.equal(stdout('abc\nd\ne\n', 'fg\n'));
  });

  it('gives an unfinished line out at the end', () => {
    expect(assemble(stdout('a\nb'))).to.deep.equal(stdout('a\n', 'b\n'));
  });

  it('keeps the order of two streams by ending the line of the other', () => {
    const pieces: Piece[] = [
      ['stdout', 'out'],
      ['stderr', 'err'],
      ['stdout', 'more\n'],
    ];
    expect(assemble(pieces)).to.deep.equal([
      ['stdout', 'out\n'],
      ['stderr', 'err\n'],
      ['stdout', 'more\n'],
    ]);
  });

  it('takes "\\r\\n" as the end of a line, also across pieces', () => {
    expect(linesOf(stdout('a\r\nb\r', '\nc\r\r\n', 'd\r', '\r', '\n'))).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('keeps the last state of a line that starts again', () => {
    expect(linesOf(stdout('10%\r20%\r', '100%\nnext\n', '1\r2'))).to.deep.equal(['100%', 'next', '2']);
    expect(linesOf(stdout('50%\r'))).to.deep.equal(['50%']);
  });

  it('drops control characters but not TAB, ESC and the BEL that ends its sequence', () => {
    expect(linesOf(stdout('\0a\u0001\tb\u001b[31mc\u0008\n', '\0'))).to.deep.equal(['a\tb\u001b[31mc']);
    const title = '\u001b]0;title\u0007text';
    expect(linesOf(stdout(`${title}\u0008\n`))).to.deep.equal([title]);
  });

  it('cuts a line that is too long at a character and says how much is missing', () => {
    expect(linesOf(stdout('aaaaäää\nb\n'), 7)).to.deep.equal(['aaaaä … [cut: 4 bytes]', 'b']);
    expect(linesOf(stdout('aaaa', 'aaa', 'aaaa', '\nb\n'), 8)).to.deep.equal([
      'aaaaaaaa … [cut: 3 bytes]',
      'b',
    ]);
    expect(linesOf(stdout('12345678\n'), 8)).to.deep.equal(['12345678']);
  });

  it('cuts at 64 KiB unless told otherwise', () => {
    const [line] = linesOf(stdout(`${'x'.repeat(70_000)}\n`));
    expect(line).to.equal(`${'x'.repeat(65_536)} … [cut: 4464 bytes]`);
  });

  it('does not care how the text is split into pieces', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'ä', '😀', '\n', '\r', '\r\n', '\0', '\t'),
      maxLength: 60,
    });
    const property = fc.property(
      fc.array(text, { maxLength: 8 }),
      fc.integer({ min: 4, max: 12 }),
      (pieces, max) => {
        expect(linesOf(stdout(...pieces), max)).to.deep.equal(linesOf(stdout(pieces.join('')), max));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('gives out only blocks of whole lines within the limit', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', '\n', '\r', '\u001b'), maxLength: 60 });
    const piece = fc.tuple(fc.constantFrom<LogStream>('stdout', 'stderr', 'system'), text);
    const property = fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      for (const [, block] of assemble(pieces, 10)) {
        expect(block).to.match(/\n$/).and.not.match(/\r/);
        const longest = block
          .split('\n')
          .map((line) => Buffer.byteLength(line.replace(/ … \[cut: \d+ bytes\]$/, '')));
        expect(Math.max(...longest)).to.be.at.most(10);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});
