import type { ListedEntry } from '../tree.ts';
import { bytesOf, messageBytes, newMessage, readFields, sized, varint } from './wire.ts';

/** Kinds of `fsutil.types.Packet`, by which an engine compares its copy of a folder with ours. */
export const packetKinds = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const;

/** What the engine sends. */
export interface Packet {
  kind: number;
  /** Number of the entry that is asked for, from 0, in the order in which they were told. */
  id: number;
  data: Buffer;
}

export function decodePacket(bytes: Uint8Array): Packet {
  const packet: Packet = { kind: packetKinds.stat, id: 0, data: Buffer.alloc(0) };
  readFields(bytes, (field, reader) => {
    if (field === 1) packet.kind = reader.int32();
    else if (field === 3) packet.id = reader.uint32();
    else if (field === 4) packet.data = bytesOf(reader);
    else return false;
    return true;
  });
  return packet;
}

const goFolder = 0x80000000;
const goLink = 0x08000000;
const typeBits = { file: 0, folder: goFolder, link: goLink };

/** Tells of one entry, as owned by root, writable by its owner only and without extended attributes. */
export function statPacket(entry: ListedEntry): Buffer {
  const { path, kind, mode, bytes, target, modifiedNs } = entry;
  const permissions = kind === 'link' ? 0o777 : mode & 0o755;
  const packet = newMessage().uint32(sized(2)).fork();
  packet.uint32(sized(1)).string(path);
  packet.uint32(varint(2)).uint32((typeBits[kind] | permissions) >>> 0);
  if (kind === 'file') packet.uint32(varint(5)).int64(bytes);
  packet.uint32(varint(6)).int64(modifiedNs.toString());
  if (kind === 'link') packet.uint32(sized(7)).string(target);
  return messageBytes(packet.ldelim());
}

/** Says that all entries were told. */
export function lastStatPacket(): Buffer {
  return messageBytes(newMessage().uint32(varint(1)).int32(packetKinds.stat));
}

/** A piece of a file; its end where the piece is empty. */
export function dataPacket(id: number, data: Buffer): Buffer {
  const packet = newMessage().uint32(varint(1)).int32(packetKinds.data).uint32(varint(3)).uint32(id);
  return messageBytes(data.length > 0 ? packet.uint32(sized(4)).bytes(data) : packet);
}

export function endPacket(): Buffer {
  return messageBytes(newMessage().uint32(varint(1)).int32(packetKinds.end));
}

export function errorPacket(message: string): Buffer {
  const packet = newMessage().uint32(varint(1)).int32(packetKinds.error);
  return messageBytes(packet.uint32(sized(4)).bytes(Buffer.from(message)));
}
