// A payload is kept as it was sent: numbers that no double holds, the order of keys, spaces. So its text is cut out of
// the body. All texts here are JSON that was parsed before.

const quote = 0x22;
const comma = 0x2c;
const openers: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const spaces: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const closers: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** The texts of the members of an object; of several with one name, that of the last. */
export function memberTexts(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const part of partsOf(text)) {
    const end = endOfString(part, 0);
    const name: unknown = JSON.parse(part.slice(0, end));
    members.set(String(name), part.slice(part.indexOf(':', end) + 1).trim());
  }
  return members;
}

/** The texts of the items of an array. */
export function itemTexts(text: string): string[] {
  return [...partsOf(text)];
}

/** The text without the white space between its parts. */
export function compactText(text: string): string {
  let compact = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = endOfString(text, at) - 1;
    else if (spaces.has(unit)) {
      compact += text.slice(from, at);
      from = at + 1;
    }
  }
  return from === 0 ? text : compact + text.slice(from);
}

/** What the commas of an object or array keep apart. */
function* partsOf(text: string): Generator<string> {
  let start = text.search(/[[{]/) + 1;
  let depth = 0;
  let at = start;
  for (; depth >= 0 && at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = endOfString(text, at) - 1;
    else if (openers.has(unit)) depth++;
    else if (closers.has(unit)) depth--;
    else if (unit === comma && depth === 0) {
      yield text.slice(start, at).trim();
      start = at + 1;
    }
  }
  const last = text.slice(start, at - 1).trim();
  if (last !== '') yield last;
}

/** Where the string that begins at `at` is over. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}
