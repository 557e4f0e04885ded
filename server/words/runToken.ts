import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Lets whoever does a run speak for it: a signed JSON Web Token that names the run and ends by itself. */
export interface RunTokens {
  /** Times are milliseconds since 1970. */
  sign(runId: string, issuedAt: number, expiresAt: number): string;
  /** The id of the run that the token speaks for; undefined where we did not sign it, or its time is over. */
  verify(token: string, now: number): string | undefined;
}

/** Clocks differ: for this long a token is taken after its end, in seconds. */
const leewaySecs = 30;

/** The only header that is ever taken: nobody else chooses how a token is checked. */
const header = encoded({ alg: 'HS256', typ: 'JWT' });

export function createRunTokens(key: Buffer): RunTokens {
  // Made once: to make one of the bytes takes longer than all the rest.
  const secret = createSecretKey(key);
  const signatureOf = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  return {
    sign(runId, issuedAt, expiresAt) {
      const claims = { sub: runId, exp: Math.ceil(expiresAt / 1000), iat: Math.floor(issuedAt / 1000) };
      const text = `${header}.${encoded(claims)}`;
      return `${text}.${signatureOf(text)}`;
    },
    verify(token, now) {
      const [first, claims, signature, more] = token.split('.', 4);
      if (first !== header || claims === undefined || signature === undefined || more !== undefined)
        return undefined;
      if (!isSame(signature, signatureOf(`${first}.${claims}`))) return undefined;
      return subjectOf(claims, now);
    },
  };
}

function subjectOf(claims: string, now: number): string | undefined {
  const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as {
    sub: string;
    exp: number;
  };
  return now / 1000 < exp + leewaySecs ? sub : undefined;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
