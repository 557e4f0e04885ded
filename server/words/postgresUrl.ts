/** Where a PostgreSQL is, and as whom to use it. */
export interface PostgresAddress {
  /** A name, an address, or the folder of a unix socket; this machine where it is absent. */
  host?: string;
  port?: number;
  /** Where one of these is absent, PGUSER, PGPASSWORD and PGDATABASE say it. */
  user?: string;
  password?: string;
  database?: string;
  tls?: PostgresTls;
}

/** `prefer` takes TLS where the server has it; `verify-full` also checks whose certificate it is. */
const tlsModes = ['disable', 'prefer', 'require', 'verify-full'] as const;
export type PostgresTls = (typeof tlsModes)[number];

const form = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE';

/** Stands where the address names no host, which a URL cannot leave out beside a user. */
const noHost = 'host.invalid';

export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:/i.test(text);
}

/** The address, or what is wrong with it as the end of a sentence. That never says what is in it. */
export function readPostgresUrl(text: string): PostgresAddress | { problem: string } {
  const url = URL.parse(withHost(text));
  if (!url || !isPostgresUrl(text))
    return { problem: `must look like ${form}, with %40 for an @ in a part, %2F for a / and so on` };
  const problem = problemOf(url);
  if (problem !== undefined) return { problem };
  try {
    return partsOf(url);
  } catch {
    return { problem: 'has a "%" that is not followed by two hex digits: write %25' };
  }
}

function withHost(text: string): string {
  return text.replace(/^([a-z]+:\/\/(?:[^/?#]*@)?)(?=[/?#]|$)/i, `$1${noHost}`);
}

function problemOf(url: URL): string | undefined {
  if (url.host === '') return `must look like ${form}`;
  if (url.hash !== '') return 'must not have a "#" in it: write %23';
  if (/^\/.*\//.test(url.pathname)) return `must look like ${form}, with %2F for a / in DATABASE`;
  const names = [...url.searchParams.keys()];
  if (names.some((name) => name !== 'sslmode' && name !== 'host'))
    return 'may have sslmode and host after its "?", and nothing else';
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && tlsOf(mode) === undefined)
    return `must have one of ${tlsModes.join(', ')} as its sslmode`;
  return undefined;
}

function partsOf(url: URL): PostgresAddress {
  const { hostname, port, username, password, pathname, searchParams } = url;
  const host = searchParams.get('host') ?? decodeURIComponent(hostname.replace(/^\[(.*)\]$/, '$1'));
  const tls = tlsOf(searchParams.get('sslmode'));
  return {
    ...(host === noHost ? {} : { host }),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(username === '' ? {} : { user: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(pathname.length < 2 ? {} : { database: decodeURIComponent(pathname.slice(1)) }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function tlsOf(mode: string | null): PostgresTls | undefined {
  return tlsModes.find((known) => known === mode);
}
