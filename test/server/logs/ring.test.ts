import { expect } from 'chai';
import { linesOf, type LogPiece } from '../../../server/room/logs/piece.ts';
import { newRing } from '../../../server/room/logs/ring.ts';
import { wordOfLength, wordOfOffset, wordsPerLine } from '../../../server/room/logs/lineIndex.ts';

const linesPerPiece = 4;

/** Lines as long as makes a piece too big to be joined to its neighbour, in memory of its own. */
function pieceOf(first: number): LogPiece {
  const one = 8 * 1024;
  const text = Buffer.alloc(one * linesPerPiece, '.');
  const index = new Uint32Array(wordsPerLine * linesPerPiece);
  for (let line = 0; line < linesPerPiece; line++) {
    text.write(`line ${first + line} `, line * one);
    text.write('\n', (line + 1) * one - 1);
    index[line * wordsPerLine + wordOfOffset] = line * one;
    index[line * wordsPerLine + wordOfLength] = one;
  }
  return { kind: 'lines', first, last: first + linesPerPiece - 1, text, index, base: 0 };
}

const numbers = (pieces: LogPiece[]) =>
  pieces.flatMap(linesOf).map(({ text }) => Number(/^line (\d+) /.exec(text)?.[1]));

describe('the ring of a log', () => {
  const limits = { lines: 2 * linesPerPiece, bytes: 1024 * 1024 };
  const pushAll = (ring: ReturnType<typeof newRing>, from: number, to: number) => {
    for (let first = from; first < to; first += linesPerPiece) ring.push(pieceOf(first));
  };

  it('gives back the memory of what it forgets and nobody was given', () => {
    const ring = newRing(limits);
    const piece = pieceOf(1);
    ring.push(piece);
    pushAll(ring, 1 + linesPerPiece, 100);
    expect(piece.text.length).to.equal(0);
    expect(ring.pieceFrom(1)).to.equal(undefined);
  });

  it('leaves whole what readers still hold when it is forgotten', () => {
    const ring = newRing(limits);
    pushAll(ring, 1, 1 + 2 * linesPerPiece);
    const followed = ring.pieceFrom(2);
    const tail = ring.pieces(4, 7);
    pushAll(ring, 1 + 2 * linesPerPiece, 100);
    expect(ring.pieces(4, 7)).to.equal(undefined);
    expect(followed && numbers([followed])).to.deep.equal([2, 3, 4]);
    expect(tail && numbers(tail)).to.deep.equal([4, 5, 6, 7]);
  });
});
