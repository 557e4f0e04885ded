import type { Access } from '../../model/access.ts';
import { decodeAsked, decodeBytes, emptyMessage, encodeBytes } from '../../model/buildkit/sessionMessages.ts';
import { createSshAgent } from '../../model/buildkit/sshAgent.ts';
import { parseSshKey, type SshKey } from '../../model/buildkit/sshKey.ts';
import { SshError } from '../../model/buildkit/sshWire.ts';
import { BuildFault } from '../../model/faults.ts';
import { type Call, type Method, NotThere } from './session.ts';

/** Answers `RUN --mount=type=ssh` as an agent that holds the one key that the build was given. */
export function sshForward(secret: string | undefined, access: Pick<Access, 'secret'>): Method[] {
  const keyOf = async (id: string): Promise<SshKey> => {
    if (secret === undefined || (id !== '' && id !== 'default'))
      throw new NotThere(`the build was given no ssh key ${id || 'default'}`);
    return readKey(secret, await access.secret(secret));
  };
  const talk = async (call: Call): Promise<void> => {
    const agent = createSshAgent(await keyOf(String(call.metadata.get('buildkit.ssh.id')[0] ?? '')));
    for await (const message of call.iterator({ destroyOnReturn: false })) {
      const answer = agent(decodeBytes(Buffer.from(message)));
      if (answer.length > 0) call.write(encodeBytes(answer));
    }
  };
  const answer = async (request: Buffer): Promise<Buffer> => {
    await keyOf(decodeAsked(request));
    return emptyMessage;
  };
  return [
    { path: '/moby.sshforward.v1.SSH/CheckAgent', answer },
    { path: '/moby.sshforward.v1.SSH/ForwardAgent', talk },
  ];
}

function readKey(name: string, text: string): SshKey {
  try {
    return parseSshKey(text);
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    const sentence = `The secret ${name} cannot be used as an ssh key: ${error.message}.`;
    throw new BuildFault('secret_refused', sentence);
  }
}
