import { createHmac } from 'node:crypto';
import { sameSecret } from '../../http/compare.ts';

export interface SignatureHeaders {
  sha256: string | undefined;
  sha1: string | undefined;
}

/** Whether the body was signed with the secret. The older SHA-1 counts only where nothing better was sent. */
export function isSigned(body: Buffer, secret: string, { sha256, sha1 }: SignatureHeaders): boolean {
  if (sha256 !== undefined) return sameSecret(sha256, signature('sha256', body, secret));
  return sha1 !== undefined && sameSecret(sha1, signature('sha1', body, secret));
}

function signature(algorithm: 'sha256' | 'sha1', body: Buffer, secret: string): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
}
