import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

/** A run is never put off for longer, whoever asks. */
const longestDelaySecs = 30 * 24 * 3600;

/** How near the interface of Barbeque is to the original. */
export const barbeque = z.strictObject({
  /** The longest `delay_seconds` that is taken. */
  maxDelaySeconds: z.int().min(0).max(longestDelaySecs).default(900),
  /** Takes executions of unknown applications and jobs, and shows every unknown execution as pending, as it did. */
  originalAnswers: z.boolean().default(false),
});

/** `172.30.0.0/16`, or a single address. */
const network = z
  .string()
  .refine(
    (text) => readNetwork(text) !== undefined,
    'must be a network such as 172.30.0.0/16, or an address; not all of the internet',
  );

/** Interfaces that may be used without a credential, and from which networks. */
export const open = z.strictObject({
  barbeque: z.array(network).default([]),
});

export type Barbeque = z.output<typeof barbeque>;

interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/** The addresses of these networks, of which each was checked by the schema. IPv4 within IPv6 is IPv4. */
export function addressesOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const one of networks.map(readNetwork)) if (one) list.addSubnet(one.address, one.prefix, one.family);
  return list;
}

/** Undefined where it is none, or holds everything. */
function readNetwork(text: string): Network | undefined {
  const [, address = '', length] = /^([\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (!family) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? most : Number(length);
  return prefix < 1 || prefix > most ? undefined : { address, prefix, family };
}
