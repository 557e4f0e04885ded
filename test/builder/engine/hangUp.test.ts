import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { openLine } from '../../../builder/steps/engine/hangUp.ts';

describe('the connection of a build that is stopped', () => {
  let server: Server;
  let whenHungUp: (socket: Socket) => void;

  before(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nstep\r\n'),
      );
      socket.once('end', () => whenHungUp(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  async function ask(signal: AbortSignal): Promise<IncomingMessage> {
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, host: '127.0.0.1', signal });
    asked.on('error', () => undefined);
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }

  it('lasts until the engine has ended its answer', async () => {
    const stop = new AbortController();
    using line = openLine(stop.signal, 10_000);
    const answer = await ask(line.signal);
    line.answered(answer);
    whenHungUp = (socket) => socket.end('4\r\ngone\r\n0\r\n\r\n');
    stop.abort();
    expect(await text(answer)).to.equal('stepgone');
    expect(line.signal.aborted).to.equal(false);
  });

  it('is cut where the engine does not end its answer', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    using line = openLine(stop.signal, 20);
    const answer = await ask(line.signal);
    line.answered(answer);
    whenHungUp = () => undefined;
    stop.abort(reason);
    const failed = await text(answer).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
    expect(line.signal.reason).to.equal(reason);
  });

  it('is cut at once before there is an answer', () => {
    const stop = new AbortController();
    using line = openLine(stop.signal, 10_000);
    expect(line.signal.aborted).to.equal(false);
    stop.abort();
    expect(line.signal.aborted).to.equal(true);
  });

  it('is cut from the beginning where the build was stopped before', () => {
    using line = openLine(AbortSignal.abort(), 10_000);
    expect(line.signal.aborted).to.equal(true);
  });
});
