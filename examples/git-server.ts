// Serves git repositories over HTTP, read-only, as a git hosting service would:
//   node examples/git-server.ts <folder with account/repo.git in it> [port]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GitServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  close(): Promise<void>;
}

/** Starts a server on loopback for the bare repositories below `folder`. Port 0 takes any free one. */
export async function serveRepositories(folder: string, port = 0): Promise<GitServer> {
  const server = createServer((request, response) => answer(folder, request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Hands a request to `git http-backend`, a CGI program. */
function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  backend.stdin.on('error', () => undefined);
  backend.once('error', () => response.writeHead(500).end('git is not installed\n'));
  response.once('close', () => backend.kill());
  request.pipe(backend.stdin);
  passOn(backend.stdout, response);
}

/** Turns the CGI answer, a header block and a body, into an HTTP one. */
function passOn(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    output.off('data', readHead);
    writeHead(head.toString('latin1', 0, end), response);
    response.write(head.subarray(end + 4));
    output.pipe(response);
  };
  output.on('data', readHead);
  output.once('end', () => response.end());
}

function writeHead(text: string, response: ServerResponse): void {
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

if (process.argv[1] === import.meta.filename) {
  const [folder = '.', port = '0'] = process.argv.slice(2);
  const { url } = await serveRepositories(folder, Number(port));
  console.log(`${url}/{account}/{repo}.git`);
}
