import { expect } from 'chai';
import fc from 'fast-check';
import { createLineReader, readLine } from '../../public/page/log/ansi.js';
import { plain } from '../../public/page/log/sgr.js';

const esc = '\u001b';
const textOf = (line: string) =>
  readLine(line)
    .segments.map(({ text }) => text)
    .join('');
const fgOf = (line: string) => readLine(line).segments.at(-1)?.style.fg;

/** Pieces from which lines are made that are full of whole, broken and hostile sequences. */
const piece = fc.oneof(
  fc.string(),
  fc.constantFrom(
    `${esc}[31m`,
    `${esc}[0m`,
    `${esc}[1;38;5;200;48;2;1;2;3m`,
    `${esc}[38:2::9:8:7m`,
    `${esc}[2K`,
    `${esc}[?25l`,
    `${esc}]8;;javascript:alert(1)${esc}\\`,
    `${esc}]0;title\u0007`,
    `${esc}P1$r${esc}\\`,
    `${esc}(B`,
    `${esc}c`,
    '\u009b32m',
    '\u009dtitle\u009c',
    `${esc}[`,
    `${esc}]`,
    esc,
    '\r',
    '\t',
    '\b',
    '\u0000',
    '<script>',
    'é🐳',
  ),
);
const hostileLine = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

describe('page: reading a line with escape sequences', () => {
  it('gives the same however the line is cut into pieces', () => {
    fc.assert(
      fc.property(hostileLine, fc.array(fc.nat(400)), (line, cuts) => {
        const borders = [
          0,
          ...cuts.filter((cut) => cut < line.length).toSorted((a, b) => a - b),
          line.length,
        ];
        const reader = createLineReader();
        for (let i = 1; i < borders.length; i += 1) reader.write(line.slice(borders[i - 1], borders[i]));
        expect(reader.end()).to.deep.equal(readLine(line));
      }),
    );
  });

  it('puts out nothing but text: no control character, nothing that was not in the line', () => {
    fc.assert(
      fc.property(hostileLine, (line) => {
        const text = textOf(line);
        // oxlint-disable-next-line no-control-regex
        expect(text).to.match(/^[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*$/);
        let at = 0;
        for (const char of text) {
          at = line.indexOf(char, at) + char.length;
          expect(at, 'text keeps the order of the line').to.be.at.least(char.length);
        }
      }),
    );
  });

  it('leaves text without control characters as it is', () => {
    expect(readLine('a\tb <b>é🐳</b>').segments).to.deep.equal([{ text: 'a\tb <b>é🐳</b>', style: plain }]);
  });

  it('drops links, titles, cursor moves and strings whole', () => {
    const link = `${esc}]8;;javascript:alert(1)${esc}\\click${esc}]8;;${esc}\\`;
    expect(
      textOf(`a${link}b${esc}]0;title\u0007c${esc}[2Jd${esc}[1;1He${esc}Pq#0;${esc}\\f\u009dx\u009cg`),
    ).to.equal('aclickbcdefg');
  });

  it('does not let an unfinished sequence swallow the next line', () => {
    expect(textOf(`before${esc}]0;never ended`)).to.equal('before');
    expect(readLine('after', readLine(`x${esc}[31`).style).segments).to.deep.equal([
      { text: 'after', style: plain },
    ]);
  });

  it('knows basic, light, 256 and true colours in both notations', () => {
    expect(fgOf(`${esc}[31mx`)).to.equal(1);
    expect(fgOf(`${esc}[97mx`)).to.equal(15);
    expect(fgOf(`${esc}[38;5;9mx`)).to.equal(9);
    expect(fgOf(`${esc}[38;5;196mx`)).to.equal('#ff0000');
    expect(fgOf(`${esc}[38;5;244mx`)).to.equal('#808080');
    expect(fgOf(`${esc}[38;2;1;2;255mx`)).to.equal('#0102ff');
    expect(fgOf(`${esc}[38:5:196mx`)).to.equal('#ff0000');
    expect(fgOf(`${esc}[38:2::1:2:255mx`)).to.equal('#0102ff');
    expect(fgOf(`${esc}[38;2;999;2;3;31mx`)).to.equal(1);
  });

  it('switches weights on and off, and everything off with 0 or nothing', () => {
    const { style } = readLine(`${esc}[1;2;3;4;7;9;44m`);
    expect(style).to.include({
      bold: true,
      dim: true,
      italic: true,
      underline: true,
      inverse: true,
      strike: true,
      bg: 4,
    });
    expect(readLine(`${esc}[22;23;24;27;29;49m`, style).style).to.deep.equal(plain);
    expect(readLine(`${esc}[m`, style).style).to.deep.equal(plain);
  });

  it('shows what a progress bar ends with', () => {
    expect(textOf('10%\r50%\rdone')).to.equal('done');
    expect(textOf('whole line\r')).to.equal('whole line');
  });

  it('reads 64 KiB of nothing but sequences at once', () => {
    const { segments } = readLine(`${esc}[`.repeat(32 * 1024) + ';'.repeat(65_536) + `${esc}[31mend`);
    expect(segments.map(({ text }) => text)).to.deep.equal(['end']);
  });
});
