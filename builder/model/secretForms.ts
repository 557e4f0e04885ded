/** Words that a log needs to stay readable, and that no secret should be. */
const trivialWords = new Set(['true', 'false', 'null', 'none', 'undefined']);

/** Shorter ones would mask half of a log. */
export const shortestSecret = 4;

/** Columns at which `base64` and PEM writers break their lines. */
const wrapColumns = [76, 64];

/**
 * All texts under which a secret may show up in a log: plain, base64 at each of the three alignments (so also inside
 * `base64(user:secret)`), URL-encoded and JSON-escaped; of the whole value, of each of its lines, and of the
 * passwords in a line such as `NAME=value`, `user:password` or `https://user:password@host`.
 */
export function secretForms(secret: string): string[] {
  const parts = secret.split(/\r?\n/);
  const whole = secret.toWellFormed();
  return [...new Set([whole, whole.trim(), ...parts, ...parts.flatMap(passwordsIn)].flatMap(formsOfValue))];
}

/** Where one line of a secret has a password in it: an .env file or .npmrc, a login, an address, a .netrc. */
const passwordPlaces = [
  /^\s*(?:export )?[\w./:@-]*\w=["']?(.*?)["']?$/,
  /^[\w.@+$~-]+:(?!\/\/)(\S+)$/,
  /:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/,
  /\bpassword\s+(\S+)/,
];

function passwordsIn(line: string): string[] {
  return passwordPlaces.flatMap((place) => place.exec(line)?.[1] ?? []);
}

function formsOfValue(value: string): string[] {
  if (!isWorthMasking(value)) return [];
  return [value, ...base64Forms(value), ...urlForms(value), ...jsonForms(value)];
}

function isWorthMasking(value: string): boolean {
  return value.trim().length >= shortestSecret && !trivialWords.has(value.trim().toLowerCase());
}

function base64Forms(value: string): string[] {
  const cores = [0, 1, 2].map((alignment) => base64Core(Buffer.from(value), alignment));
  const wrapped = wrapColumns.flatMap((columns) => wrap(cores[0] ?? '', columns));
  return [...cores, ...wrapped].flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** The characters of base64 that only the value decides, when `alignment` bytes modulo 3 stand before it. */
function base64Core(bytes: Buffer, alignment: number): string {
  const encoded = Buffer.concat([Buffer.alloc(alignment), bytes]).toString('base64');
  return encoded.slice(Math.ceil((alignment * 8) / 6), Math.floor(((alignment + bytes.length) * 8) / 6));
}

function wrap(text: string, columns: number): string[] {
  if (text.length <= columns) return [];
  const lines = Array.from({ length: Math.ceil(text.length / columns) }, (_, i) =>
    text.slice(i * columns, (i + 1) * columns),
  );
  return lines.filter((line) => line.length >= 2 * shortestSecret);
}

function urlForms(value: string): string[] {
  const component = encodeURIComponent(value.toWellFormed());
  const strict = component.replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const upper = [component, strict, component.replaceAll('%20', '+'), strict.replaceAll('%20', '+')];
  return upper.flatMap((form) => [form, form.replaceAll(/%../g, (hex) => hex.toLowerCase())]);
}

function jsonForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const htmlSafe = json.replaceAll(/[<>&]/g, unicodeEscape);
  const ascii = json.replaceAll(/[^\0-\x7e]/g, unicodeEscape);
  return [json, json.replaceAll('/', '\\/'), htmlSafe, ascii];
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
