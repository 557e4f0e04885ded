import type { LogStream } from './log.ts';

export interface LineAssembler {
  write(stream: LogStream, text: string): void;
  /** Gives out an unfinished line. */
  end(): void;
}

/** What stands at the end of a line that was cut. */
export const cutMark = / … \[cut: \d+ bytes\]$/gm;

/** Longest line in UTF-8 bytes, without its "\n" and without the mark of a cut. */
export const maxLineBytes = 65_536;

// What a log does not hold: C0 controls except TAB, LF, CR, ESC (colours are the reader's business) and BEL, which
// ends what an ESC began: without it a title would swallow the text behind it.
// oxlint-disable-next-line no-control-regex
const unwanted = /[\x00-\x06\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]+/g;
// The same and CR, which needs a closer look.
// oxlint-disable-next-line no-control-regex
const unusual = /[\x00-\x06\x08\x0b-\x1a\x1c-\x1f]/;

/**
 * Turns pieces of text into blocks of whole lines, as a LogSink takes them. "\r\n" ends a line like "\n"; a lone "\r"
 * starts the line again, so that of a progress bar the last state stays. Lines above `maxBytes` are cut at a
 * character and marked. An unfinished line is given out as a line of its own when another stream writes.
 */
export function createLineAssembler(
  emit: (stream: LogStream, block: string) => void,
  maxBytes = maxLineBytes,
): LineAssembler {
  let open = emptyLine();
  let owner: LogStream = 'stdout';

  const finish = (): string => {
    const line = finished(open);
    open = emptyLine();
    return line;
  };
  const flush = (): void => {
    if (!isEmpty(open)) emit(owner, finish());
  };
  const lineByLine = (text: string): string => {
    let block = '';
    for (let from = 0; from < text.length;) {
      const end = text.indexOf('\n', from);
      extend(open, text.slice(from, end), maxBytes);
      block += finish();
      from = end + 1;
    }
    return block;
  };
  const writePieces = (text: string): void => {
    const first = text.indexOf('\n') + 1;
    const last = text.lastIndexOf('\n') + 1;
    const whole = text.slice(first, last);
    const block = lineByLine(text.slice(0, first)) + (isPlain(whole, maxBytes) ? whole : lineByLine(whole));
    if (block !== '') emit(owner, block);
    if (last < text.length) extend(open, text.slice(last), maxBytes);
  };

  const write = (stream: LogStream, text: string): void => {
    if (stream !== owner) flush();
    owner = stream;
    const unixText = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
    if (isEmpty(open) && unixText.endsWith('\n') && isPlain(unixText, maxBytes)) emit(owner, unixText);
    else writePieces(unixText);
  };
  return { write, end: flush };
}

/** Whether whole lines are a block as they are: none too long, nothing to drop. */
function isPlain(lines: string, maxBytes: number): boolean {
  if (unusual.test(lines)) return false;
  // A UTF-16 unit is at most 3 bytes of UTF-8: most texts need no look at their single lines.
  if (lines.length * 3 <= maxBytes) return true;
  for (let from = 0; from < lines.length;) {
    const end = lines.indexOf('\n', from);
    if ((end - from) * 3 > maxBytes && Buffer.byteLength(lines.slice(from, end)) > maxBytes) return false;
    from = end + 1;
  }
  return true;
}

/** An unfinished line, never holding more than the longest line allowed. */
interface OpenLine {
  text: string;
  bytes: number;
  cutBytes: number;
  /** The text so far ended with "\r": what comes next, if not the end of the line, replaces it. */
  returned: boolean;
}

function emptyLine(): OpenLine {
  return { text: '', bytes: 0, cutBytes: 0, returned: false };
}

function isEmpty(line: OpenLine): boolean {
  return line.bytes + line.cutBytes === 0;
}

function extend(line: OpenLine, raw: string, maxBytes: number): void {
  const text = raw.replace(unwanted, '');
  let end = text.length;
  while (end > 0 && text[end - 1] === '\r') end--;
  if (end > 0) {
    const restart = text.lastIndexOf('\r', end - 1) + 1;
    if (line.returned || restart > 0) Object.assign(line, emptyLine());
    append(line, text.slice(restart, end), maxBytes);
  }
  if (text !== '') line.returned = end < text.length;
}

function append(line: OpenLine, text: string, maxBytes: number): void {
  const bytes = Buffer.byteLength(text);
  const room = line.cutBytes > 0 ? 0 : maxBytes - line.bytes;
  const kept = bytes <= room ? text : beginning(text, room);
  const keptBytes = kept === text ? bytes : Buffer.byteLength(kept);
  line.text += kept;
  line.bytes += keptBytes;
  line.cutBytes += bytes - keptBytes;
}

/** As many whole characters as fit into `room` bytes. */
function beginning(text: string, room: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(room));
  return text.slice(0, read);
}

function finished(line: OpenLine): string {
  return line.cutBytes === 0 ? `${line.text}\n` : `${line.text} … [cut: ${line.cutBytes} bytes]\n`;
}
