import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server with a unix socket, on a port of this machine. */
export interface CuttingProxy {
  readonly port: number;
  /** When the client next sends this text, it is passed on, and then nothing comes back on that connection. */
  swallowAnswersTo(text: string, how: 'close' | 'silence'): void;
  /** Breaks all connections; new ones work. */
  cut(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(socketPath: string): Promise<CuttingProxy> {
  let wanted: { text: string; how: 'close' | 'silence' } | undefined;
  const open = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const behind = connect(socketPath);
    for (const socket of [client, behind]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    const answer = (chunk: Buffer) => void client.write(chunk);
    behind.on('data', answer).on('end', () => client.end());
    client.on('end', () => behind.end());
    client.on('data', (chunk: Buffer) => {
      if (wanted && chunk.includes(wanted.text)) {
        behind.off('data', answer).resume();
        if (wanted.how === 'close') client.end();
        wanted = undefined;
      }
      behind.write(chunk);
    });
  });
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
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
