import { StringDecoder } from 'node:string_decoder';
import { BuildFault } from './faults.ts';

/** Longest message in UTF-16 units. The engine's own are below 200 KiB: it copies output in pieces of 32 KiB. */
const maxMessageLength = 4 * 1024 * 1024;

export interface NdjsonSplitter {
  /** Takes the next bytes, cut anywhere. A BuildFault `engine_error` where a line passes the limit. */
  write(chunk: Buffer): void;
  /** What came after the last "\n": "" at a clean end. */
  rest(): string;
}

/** Cuts a byte stream into lines, without their "\n" or "\r\n", and leaves empty ones out. */
export function createNdjsonSplitter(
  onLine: (line: string) => void,
  maxLength = maxMessageLength,
): NdjsonSplitter {
  const decoder = new StringDecoder('utf8');
  let pending = '';

  const write = (chunk: Buffer): void => {
    const text = decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = pending + text.slice(from, withoutReturn(text, end));
      pending = '';
      from = end + 1;
      checkLength(line, maxLength);
      if (line !== '' && line !== '\r') onLine(line);
    }
    pending += text.slice(from);
    checkLength(pending, maxLength);
  };

  return { write, rest: () => (pending + decoder.end()).trim() };
}

function withoutReturn(text: string, end: number): number {
  return end > 0 && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

function checkLength(line: string, maxLength: number): void {
  if (line.length > maxLength)
    throw new BuildFault('engine_error', `the engine sent a message of more than ${maxLength} characters`);
}
