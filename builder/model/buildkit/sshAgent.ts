import type { SshKey } from './sshKey.ts';
import { SshError, sshReader, sshString, uint32 } from './sshWire.ts';

const askIdentities = 11;
const identities = 12;
const askSignature = 13;
const signature = 14;
const failure = 5;
/** Longest request, in bytes; OpenSSH's own agent takes as many. */
const maxRequestBytes = 256 * 1024;

/** An agent on one connection: takes bytes, cut anywhere, and gives the answers to the requests that they complete. */
export type SshAgent = (bytes: Buffer) => Buffer;

/** An ssh agent of one key, which lists it and signs with it, and does nothing else. Throws an SshError at what is no request. */
export function createSshAgent(key: SshKey): SshAgent {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const answers: Buffer[] = [];
    while (rest.length >= 4) {
      const length = rest.readUInt32BE();
      if (length > maxRequestBytes) throw new SshError('a request to the ssh agent is too long');
      if (rest.length < 4 + length) break;
      answers.push(sshString(answerTo(key, rest.subarray(4, 4 + length))));
      rest = rest.subarray(4 + length);
    }
    return Buffer.concat(answers);
  };
}

function answerTo(key: SshKey, request: Buffer): Buffer {
  const [kind] = request;
  if (kind === askIdentities)
    return Buffer.concat([Buffer.from([identities]), uint32(1), sshString(key.blob), sshString('build')]);
  if (kind !== askSignature) return Buffer.from([failure]);
  try {
    const reader = sshReader(request.subarray(1));
    if (!reader.bytes().equals(key.blob)) return Buffer.from([failure]);
    return Buffer.concat([Buffer.from([signature]), sshString(key.sign(reader.bytes(), reader.uint32()))]);
  } catch (error) {
    if (error instanceof SshError) return Buffer.from([failure]);
    throw error;
  }
}
