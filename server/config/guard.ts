import type { Environment } from './environment.ts';
import { isLoopback } from './loopback.ts';
import { ConfigError } from './mistakes.ts';

/**
 * Others can reach the server: somebody must be able to show that he may. Throws a ConfigError where nobody can;
 * `hasKeys` is whether there are API keys.
 */
export function refuseUnguarded(
  { listen, basic, token }: Pick<Environment, 'listen' | 'basic' | 'token'>,
  hasKeys: boolean,
): void {
  if (isLoopback(listen) || basic !== undefined || token !== undefined || hasKeys) return;
  const problem =
    'lets others reach the server: set DOCKER_BUILDER_TOKEN, or DOCKER_BUILDER_USERNAME and DOCKER_BUILDER_PASSWORD, make an API key with `docker-builder token create`, or listen on 127.0.0.1';
  throw new ConfigError([{ place: 'DOCKER_BUILDER_LISTEN', problem }]);
}
