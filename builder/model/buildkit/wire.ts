import protobuf, { type Reader, type Writer } from 'protobufjs/minimal.js';
import { BuildFault } from '../faults.ts';

/** Takes the value of a field off the reader; false for a field that it does not know, which is passed over. */
export type FieldTaker = (field: number, reader: Reader) => boolean;

/** Reads the fields of one protobuf message. Throws a BuildFault `engine_error` at what is none. */
export function readFields(bytes: Uint8Array, take: FieldTaker): void {
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (!take(tag >>> 3, reader)) reader.skipType(tag & 7);
    }
  } catch (cause) {
    throw new BuildFault('engine_error', 'the engine sent a message that is not whole', { cause });
  }
}

export function newMessage(): Writer {
  return protobuf.Writer.create();
}

/** The bytes of a message. */
export function messageBytes(writer: Writer): Buffer {
  return Buffer.from(writer.finish());
}

/** What a field of kind `bytes` or of a message holds. */
export function bytesOf(reader: Reader): Buffer {
  return Buffer.from(reader.bytes());
}

/** A 64-bit number that is below 2^53. */
export function numberOf(reader: Reader): number {
  return Number(reader.int64());
}

/** The tag of a field whose value is a varint, and of one that tells its length. */
export const varint = (field: number): number => field << 3;
export const sized = (field: number): number => (field << 3) | 2;
