import type { Agent, AgentOptions, ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SshAddress } from '../../model/engineAddress.ts';
import { connectBySsh } from './sshConnection.ts';

// As in transport.ts: an `import` of it would load an HTTP client of 4 MB, too.
const http = process.getBuiltinModule('node:http');

type Connected = (error: Error | null, stream: Duplex) => void;

/** Gives each request a connection to the engine of its own, by ssh. */
export function sshAgent(address: SshAddress): Agent {
  return new SshAgent(address, { keepAlive: false });
}

class SshAgent extends http.Agent {
  readonly #address: SshAddress;

  constructor(address: SshAddress, options: AgentOptions) {
    super(options);
    this.#address = address;
  }

  override createConnection({ signal }: ClientRequestArgs, connected: Connected): undefined {
    connectBySsh(this.#address, signal).then(
      (stream) => connected(null, stream),
      // Whoever is told of an error does not look at the stream.
      (error: Error) => (connected as (error: Error) => void)(error),
    );
  }
}
