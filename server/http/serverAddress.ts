import type { Request } from 'express';

/**
 * What clients are to call the server, without a slash at its end. Of what a proxy may say nothing is believed, because
 * everybody can say it: behind one, the public URL is to be set.
 */
export function serverAddress(request: Request, publicUrl: URL | undefined): string {
  if (publicUrl) return publicUrl.href.replace(/\/+$/, '');
  const host = request.headers.host ?? '';
  const { localAddress = '', localPort } = request.socket;
  const own = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  return `${request.protocol}://${/^[\w.:[\]-]{1,300}$/.test(host) ? host : `${own}:${localPort}`}`;
}
