import { generateKeyPairSync } from 'node:crypto';

/** Secrets by where a build has them from; some need to be escaped wherever they are written. */
export const values = {
  apiToken: 'tok-8f1c3b5a7d9e-request',
  gitCredential: 'git-c3d9"and\\slash/5e11',
  settingsRegistry: 'reg-77aa01+plus&<amp>/%25',
  cfgpass: 'cfg-5b9c"quote 4711',
  dockerConfig: 'file-90be\\back/slash',
  credentialHelper: 'helper-1f2e:3d4c=',
  dockercfgPass: 'push-66aa~tilde?question',
  npmrc: '//registry.example/:_authToken=npm_9c1d7e3b5f2a',
  pem: newKey(),
  deployKey: newKey(),
};

/** The build has no way to it at all. */
export const hookSecret = 'whsec-71d3e0c94b';
/** Too short to be masked. */
export const short = 'q7z';

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey.trim();
}

/** What a careless build prints of a secret. */
export function printedForms(value: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [
    value,
    `prefix ${value} suffix`,
    value.replaceAll(/^/gm, '   '),
    base64(value),
    base64(`${value}\n`),
    base64(`robot:${value}`),
    base64(value).replaceAll(/.{76}/g, '$&\n'),
    base64(value).replaceAll(/.{64}/g, '$&\n'),
    Buffer.from(value).toString('base64url'),
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll(/%../g, (hex) => hex.toLowerCase()),
    JSON.stringify({ value }),
    JSON.stringify(JSON.stringify(value)).slice(2, -2).replaceAll('\\\\', '\\'),
  ];
}

/** Texts of which none may be found anywhere. */
export function needlesOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.length >= 4 && !line.startsWith('-----'));
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -2);
  const wrapped = [64, 76].flatMap((columns) => base64.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []);
  const json = JSON.stringify(value).slice(1, -1);
  const inPair = Buffer.from(`robot:${value}`).toString('base64').replace(/=+$/, '').slice(8, -2);
  const password = /=(npm_.*)/.exec(value)?.slice(1) ?? [];
  const all = [...lines, base64, ...wrapped, encodeURIComponent(value), json, inPair, ...password];
  return [...new Set(all)].filter((needle) => needle.length >= 8);
}

/** The needles of all secrets, each with the name of its secret. */
export function allNeedles(): [name: string, needle: string][] {
  const named = Object.entries({ ...values, hookSecret });
  return named.flatMap(([name, value]) => needlesOf(value).map((needle): [string, string] => [name, needle]));
}
