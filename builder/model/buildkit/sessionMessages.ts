import { bytesOf, messageBytes, newMessage, readFields, sized, varint } from './wire.ts';

/** The first field of a request, a text: what a credential, a secret or an agent is asked by. */
export function decodeAsked(bytes: Uint8Array): string {
  let asked = '';
  readFields(bytes, (field, reader) => {
    if (field !== 1) return false;
    asked = reader.string();
    return true;
  });
  return asked;
}

/** The first field of a message, as bytes: `GetSecretResponse` and `BytesMessage`. */
export function decodeBytes(bytes: Uint8Array): Buffer {
  let data = Buffer.alloc(0);
  readFields(bytes, (field, reader) => {
    if (field !== 1) return false;
    data = Buffer.from(bytesOf(reader));
    return true;
  });
  return data;
}

export function encodeBytes(data: Uint8Array): Buffer {
  return messageBytes(newMessage().uint32(sized(1)).bytes(data));
}

/** `moby.filesync.v1.CredentialsResponse`; without a user name the secret is a token. */
export function encodeCredentials({ username, secret }: { username: string; secret: string }): Buffer {
  return messageBytes(newMessage().uint32(sized(1)).string(username).uint32(sized(2)).string(secret));
}

/** `grpc.health.v1.HealthCheckResponse`: serving. */
export function encodeHealthy(): Buffer {
  return messageBytes(newMessage().uint32(varint(1)).int32(1));
}

export const emptyMessage = Buffer.alloc(0);
