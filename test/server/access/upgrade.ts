import { WebSocket } from 'ws';

/** What the server answers to a request for a websocket; 101 where it takes it. */
export function upgrade(
  { port }: { port: number },
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; websocket: WebSocket }> {
  return new Promise((resolve, reject) => {
    const websocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    websocket.on('open', () => resolve({ status: 101, websocket }));
    websocket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, websocket });
    });
    websocket.on('error', reject);
  });
}
