import type { Session } from './postgresSession.ts';

/** After so many refusals in a row the database is taken for one that is away: one may be an accident. */
const mostRefused = 2;
/** From then on nobody asks for so many milliseconds after each. */
const pauseMs = 250;

/**
 * Connections, of which one at a time is tried while the database refuses them: everybody else hears at once why. So those
 * who wait for it are answered, and it is not besieged when it comes back.
 */
export function gated(connect: () => Promise<Session>): () => Promise<Session> {
  let refused: { error: unknown; at: number; count: number } | undefined;
  let isTrying = false;

  async function tried(): Promise<Session> {
    try {
      const session = await connect();
      refused = undefined;
      return session;
    } catch (error) {
      refused = { error, at: performance.now(), count: (refused?.count ?? 0) + 1 };
      throw error;
    }
  }

  return async () => {
    if (!refused || refused.count < mostRefused) return tried();
    if (isTrying || performance.now() < refused.at + pauseMs) throw refused.error;
    isTrying = true;
    try {
      return await tried();
    } finally {
      isTrying = false;
    }
  };
}
