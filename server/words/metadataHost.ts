import { BlockList, isIP } from 'node:net';

/** Where clouds tell a machine about itself, its credentials included, and what else only the next machine answers. */
const addresses = new BlockList();
addresses.addSubnet('169.254.0.0', 16, 'ipv4');
addresses.addAddress('100.100.100.200', 'ipv4');
addresses.addAddress('192.0.0.192', 'ipv4');
addresses.addSubnet('fe80::', 10, 'ipv6');
addresses.addSubnet('fd00:ec2::', 32, 'ipv6');

const names = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data']);

/** Whether a host, with or without a port, is a link-local address or one of a cloud's metadata. Names are not looked up. */
export function isMetadataHost(host: string): boolean {
  // The parser turns decimal, octal, hexadecimal and short notations into the usual one.
  const name = URL.parse(`http://${host}/`)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? host;
  const version = isIP(name);
  return version === 0 ? names.has(name) : addresses.check(name, version === 6 ? 'ipv6' : 'ipv4');
}
