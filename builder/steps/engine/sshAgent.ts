import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SshAddress } from '../../model/engineAddress.ts';
import { connectBySsh, SshStream } from './sshConnection.ts';

// As in transport.ts: an `import` of it would load an HTTP client of 4 MB, too.
const http = process.getBuiltinModule('node:http');

/** How long a connection waits for the next request, in milliseconds. */
const idleMs = 10_000;
const mostIdle = 4;

type Connected = (error: Error | null, stream: Duplex) => void;

/**
 * Connections to the engine by ssh. One takes longer than most requests, so they are used again. That the engine
 * stopped meanwhile, the end of its ssh says at once.
 */
export class SshAgent extends http.Agent {
  readonly #address: SshAddress;

  constructor(address: SshAddress) {
    super({ keepAlive: true, maxFreeSockets: mostIdle });
    this.#address = address;
  }

  override createConnection({ signal }: ClientRequestArgs, connected: Connected): undefined {
    connectBySsh(this.#address, signal).then(
      (stream) => connected(null, stream),
      // Whoever is told of an error does not look at the stream.
      (error: Error) => (connected as (error: Error) => void)(error),
    );
  }

  override keepSocketAlive(stream: Duplex): boolean {
    return stream instanceof SshStream && stream.rest(idleMs);
  }
}
