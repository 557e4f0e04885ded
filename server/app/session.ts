import { createHmac } from 'node:crypto';
import { sameSecret } from '../http/compare.ts';

const cookieName = 'docker-builder-session';
const lifeMs = 30 * 24 * 3600 * 1000;

/** Sessions of the page: who it is and a signed end time in a cookie, so that nothing is to be stored. */
export interface Sessions {
  /** The Set-Cookie header of a new session. `subject` is `admin`, or the id of a key. */
  open(subject: string, secure: boolean): string;
  /** The Set-Cookie header that ends one. */
  close(): string;
  /** Whose session it is; undefined without a valid one. */
  subjectOf(cookies: string | undefined): string | undefined;
}

/** `key` is the server's secret together with its credentials: a changed password ends every session. */
export function createSessions(key: string, now: () => number): Sessions {
  const sign = (until: string, subject: string) =>
    createHmac('sha256', key).update(`session ${until} ${subject}`).digest('base64url');
  return {
    open(subject, secure) {
      const until = String(now() + lifeMs);
      return cookie(`${until}.${subject}.${sign(until, subject)}`, lifeMs / 1000, secure);
    },
    close: () => cookie('', 0, false),
    subjectOf(cookies) {
      const [until = '', subject = '', signature = ''] = (valueOf(cookies) ?? '').split('.', 3);
      const isValid = sameSecret(signature, sign(until, subject)) && Number(until) > now();
      return isValid ? subject : undefined;
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
