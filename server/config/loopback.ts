import { BlockList, isIPv6 } from 'node:net';

// IPv4 written as IPv6 is matched by the first rule too.
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address or name to listen on is reached from this machine only. */
export function isLoopback(listen: string): boolean {
  const address = listen.replace(/^\[(.*)\]$/, '$1');
  return address.toLowerCase() === 'localhost' || loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
