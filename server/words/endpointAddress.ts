import { BlockList, isIP, isIPv4 } from 'node:net';

/** Where services for others listen; what else listens on a machine is nobody's endpoint. */
const allowedPorts: ReadonlySet<string> = new Set([
  '80',
  '443',
  '8080',
  '8443',
  '3000',
  '4000',
  '5000',
  '9000',
]);

const localNames: ReadonlySet<string> = new Set(['localhost', 'metadata.google.internal']);

/** What of IPv4 is not the public internet: this network, private, shared, loopback, link-local, reserved, multicast. */
const reservedV4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

// Of IPv6 only this part is given to anybody at all; loopback, fc00::/7, fe80::/10 and multicast lie outside of it.
const globalV6 = blockList('ipv6', ['2000::/3']);
const reservedV6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '3fff::/20']);

/** IPv6 addresses that stand for an IPv4 address, and which two of their eight groups hold it. */
const embedding: readonly { range: BlockList; groups: readonly [number, number] }[] = [
  { range: blockList('ipv6', ['::ffff:0:0/96']), groups: [6, 7] },
  { range: blockList('ipv6', ['64:ff9b::/96']), groups: [6, 7] },
  { range: blockList('ipv6', ['2002::/16']), groups: [1, 2] },
];

/**
 * What is wrong with the address of an endpoint, as a sentence's end; undefined where nothing is. Names are not looked
 * up. `allowPrivate` allows every host and port, for one's own network.
 */
export function addressProblem(url: string, allowPrivate: boolean): string | undefined {
  const parsed = parse(url);
  if (typeof parsed === 'string') return parsed;
  return allowPrivate ? undefined : (hostProblem(parsed) ?? portProblem(parsed));
}

/** Whether an IP address is one of the public internet. False for what is no IP address. */
export function isPublicAddress(address: string): boolean {
  const ip = address.replace(/%.*$/, '');
  if (isIPv4(ip)) return !reservedV4.check(ip, 'ipv4');
  if (isIP(ip) === 0) return false;
  const embedded = embedding.find(({ range }) => range.check(ip, 'ipv6'));
  if (embedded) return isPublicAddress(embeddedV4(ip, embedded.groups));
  return globalV6.check(ip, 'ipv6') && !reservedV6.check(ip, 'ipv6');
}

/** The host of a URL without the brackets of IPv6 and the dot that may end a name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** The URL, or what is wrong with it. Parsers differ in what they repair, so what needs repair is refused. */
function parse(url: string): URL | string {
  // oxlint-disable-next-line no-control-regex
  if (/[\x00-\x20\x7f\\]/.test(url)) return 'it contains a space, a control character or a backslash';
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) && !/^https?:/i.test(url)) return 'scheme must be http or https';
  if (!/^https?:\/\/[^/?#]/i.test(url) || !URL.canParse(url))
    return 'it is not an absolute http or https URL';
  const parsed = new URL(url);
  if (parsed.username !== '' || parsed.password !== '') return 'it must not contain a user name or password';
  return parsed;
}

function hostProblem(url: URL): string | undefined {
  const host = hostOf(url);
  if (localNames.has(host) || host.endsWith('.localhost')) return `host ${host} is not allowed`;
  // The parser has turned decimal, octal, hexadecimal and short notations into the usual one.
  return isIP(host) !== 0 && !isPublicAddress(host) ? `${host} is a private or reserved address` : undefined;
}

function portProblem({ port }: URL): string | undefined {
  return port === '' || allowedPorts.has(port) ? undefined : `port ${port} is not allowed`;
}

function embeddedV4(ip: string, [high, low]: readonly [number, number]): string {
  const groups = groupsOf(ip);
  const [upper = 0, lower = 0] = [groups[high], groups[low]];
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.');
}

/** The eight groups of an IPv6 address, however it is written. */
function groupsOf(ip: string): number[] {
  const [head = '', tail = ''] = hostOf(new URL(`http://[${ip}]/`)).split('::', 2);
  const [first, last] = [hexGroups(head), hexGroups(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
