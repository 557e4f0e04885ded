/** What a registry wants to be shown: one part of `WWW-Authenticate`. */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  parameters: ReadonlyMap<string, string>;
}

const longestHeader = 4096;
const schemeStart = /(?:^|,)\s*(basic|bearer)(?=\s|$)/gi;
const parameter = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi;

/** The challenge that can be met best: a token before a password. Undefined where there is none that is known. */
export function readChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > longestHeader) return undefined;
  const starts = [...header.matchAll(schemeStart)];
  const challenges = starts.map((start, i): Challenge => {
    const text = header.slice(start.index + start[0].length, starts[i + 1]?.index);
    const scheme = start[1]?.toLowerCase() === 'bearer' ? 'bearer' : 'basic';
    return { scheme, parameters: parametersOf(text) };
  });
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0];
}

function parametersOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(parameter))
    found.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
  return found;
}
