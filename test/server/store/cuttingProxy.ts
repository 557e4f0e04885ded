import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { PostgresAddress } from '../../../server/words/postgresUrl.ts';

/** Stands between a client and a server with a unix socket, on a port of this machine. */
export interface CuttingProxy {
  readonly port: number;
  /** When the client next sends this text, it is passed on, and then nothing comes back on that connection. */
  swallowAnswersTo(text: string, how: 'close' | 'silence'): void;
  /** From now on, or when the client has sent a text, nothing comes through, and nobody is told: a cable was pulled. */
  freeze(after?: string): void;
  /** What was held up comes through. */
  thaw(): void;
  /** Whatever the client sends comes so many milliseconds later. */
  delay(ms: number): void;
  /** Breaks all connections; new ones work. */
  cut(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(socketPath: string): Promise<CuttingProxy> {
  let wanted: { text: string; how: 'close' | 'silence' } | undefined;
  const open = new Set<Socket>();
  const held: (() => void)[] = [];
  let [isFrozen, delayMs] = [false, 0];
  let freezeAfter: string | undefined;
  const pass = (on: () => void): void => {
    if (isFrozen) held.push(on);
    else on();
  };
  const passLater = (on: () => void): void => {
    if (delayMs === 0) pass(on);
    else setTimeout(() => pass(on), delayMs);
  };

  const server = createServer({ noDelay: true }, (client) => {
    const behind = connect(socketPath);
    for (const socket of [client, behind]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    const answer = (chunk: Buffer) => pass(() => void client.write(chunk));
    behind.on('data', answer).on('close', () => pass(() => void client.end()));
    client.on('close', () => pass(() => void behind.end()));
    client.on('data', (chunk: Buffer) => {
      if (wanted && chunk.includes(wanted.text)) {
        behind.off('data', answer).resume();
        if (wanted.how === 'close') client.end();
        wanted = undefined;
      }
      passLater(() => void behind.write(chunk));
      if (freezeAfter === undefined || !chunk.includes(freezeAfter)) return;
      [isFrozen, freezeAfter] = [true, undefined];
    });
  });
  const thaw = (): void => {
    [isFrozen, freezeAfter] = [false, undefined];
    for (const on of held.splice(0)) on();
  };
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return {
    port: address.port,
    swallowAnswersTo(text, how) {
      wanted = { text, how };
    },
    freeze(after) {
      freezeAfter = after;
      isFrozen = after === undefined;
    },
    thaw,
    delay: (ms) => void (delayMs = ms),
    cut,
    async close() {
      thaw();
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A database as it is reached through the proxy. */
export function addressThrough({ port }: CuttingProxy, database: string): PostgresAddress {
  return { host: '127.0.0.1', port, user: 'postgres', database, tls: 'disable' };
}
