/**
 * The network of RUN: what an image asks for, at most what the engine's settings allow. They allow everything where
 * they say nothing; `default` is the engine's own network, `none` no network at all.
 */
export function runNetwork(wish: string | undefined, allowed: string | undefined): string | undefined {
  return allowed === undefined || wish === 'none' ? wish : allowed;
}
