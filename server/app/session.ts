import { createHmac } from 'node:crypto';
import { sameSecret } from '../http/compare.ts';

const cookieName = 'docker-builder-session';
const lifeMs = 30 * 24 * 3600 * 1000;

/** Sessions of the page: a signed end time in a cookie, so that nothing is to be stored. */
export interface Sessions {
  /** The Set-Cookie header of a new session. */
  open(secure: boolean): string;
  /** The Set-Cookie header that ends one. */
  close(): string;
  isValid(cookies: string | undefined): boolean;
}

/** `key` is the server's secret together with its credentials: a changed password ends every session. */
export function createSessions(key: string, now: () => number): Sessions {
  const sign = (until: string) => createHmac('sha256', key).update(`session ${until}`).digest('base64url');
  return {
    open(secure) {
      const until = String(now() + lifeMs);
      return cookie(`${until}.${sign(until)}`, lifeMs / 1000, secure);
    },
    close: () => cookie('', 0, false),
    isValid(cookies) {
      const [until = '', signature = ''] = (valueOf(cookies) ?? '').split('.', 2);
      return sameSecret(signature, sign(until)) && Number(until) > now();
    },
  };
}

function cookie(value: string, seconds: number, secure: boolean): string {
  const flags = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${cookieName}=${value}; ${flags}`;
}

function valueOf(cookies: string | undefined): string | undefined {
  const parts = (cookies ?? '').split(';').map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}
