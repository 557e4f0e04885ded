import type { Access } from '../../model/access.ts';
import { decodeAsked, emptyMessage, encodeCredentials } from '../../model/buildkit/sessionMessages.ts';
import { dockerHub } from '../../model/imageReference.ts';
import type { Method } from './session.ts';

/** What engines call Docker Hub besides its own name. */
const hubHosts = new Set(['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io']);

/** Answers who we are for exactly the registry that the engine names, and nothing for any other. */
export function credentials(access: Pick<Access, 'registry'>): Method {
  return {
    path: '/moby.filesync.v1.Auth/Credentials',
    answer: async (request) => {
      const host = decodeAsked(request).toLowerCase();
      const credential = await access.registry(hubHosts.has(host) ? dockerHub : host);
      if (!credential) return emptyMessage;
      if ('identityToken' in credential)
        return encodeCredentials({ username: '', secret: credential.identityToken });
      return encodeCredentials({ username: credential.username, secret: credential.password });
    },
  };
}
