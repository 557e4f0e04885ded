import { askServer } from './askServer.ts';
import type { KeyOffice, KeyView, MadeKeyView } from './keyOffice.ts';

/** Asks a server that runs. Its refusals are thrown as StartErrors, in its own words. */
export function openApiOffice(host: string, token: string | undefined): KeyOffice {
  const ask = askServer(host, token);
  return {
    create: async (request) => (await ask('POST', 'v1/api-keys', request)) as MadeKeyView,
    async list(project) {
      const query = project === undefined ? '' : `?project_id=${encodeURIComponent(project)}`;
      return (await ask('GET', `v1/api-keys${query}`)) as KeyView[];
    },
    async revoke(id) {
      await ask('DELETE', `v1/api-keys/${encodeURIComponent(id)}`);
    },
    close: async () => {},
  };
}
