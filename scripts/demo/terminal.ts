import { stripVTControlCharacters, styleText } from 'node:util';
import type { Stream } from './follow.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours where standard output is a terminal that wants them. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** What the demo itself has to say. */
export function say(line: string): void {
  console.log(`${paint('cyan', '»')} ${line}`);
}

/** A line of the build's log. A build may print what it likes, so nothing of it may steer the terminal. */
export function printLogLine(stream: Stream, line: string): void {
  const style = styleOf(stream, line);
  console.log(`  ${style ? paint(style, plain(line)) : plain(line)}`);
}

/** The line without escape sequences and control characters; tabs stay. */
export function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return stripVTControlCharacters(line).replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '');
}

function styleOf(stream: Stream, line: string): Style | undefined {
  if (stream === 'system') return 'dim';
  if (stream === 'stderr') return 'yellow';
  return /^Step \d+\/\d+ : /.test(line) ? 'bold' : undefined;
}
