import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express, { Router } from 'express';
import { route } from '../../../server/http/route.ts';
import { whereItBegins } from '../../../server/http/where.ts';

describe('a router that is asked only where it begins', () => {
  let server: Server;
  let asked: string[];

  before(async () => {
    const app = express();
    app.use(whereItBegins(...['/jobs', '/v1/jobs/:job/trigger', '/v1/jobs/:job'].map(routerOf)));
    app.use((_request, response) => void response.status(404).end());
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function routerOf(path: string): Router {
    const router = Router();
    router.use((_request, _response, next) => {
      asked.push(path);
      next();
    });
    route(router, path, { get: ['public', (_request, response) => void response.end()] });
    return router;
  }

  async function status(path: string): Promise<number> {
    const { port } = server.address() as AddressInfo;
    return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  }

  it('answers for its own paths as it would by itself', async () => {
    for (const path of [
      '/jobs',
      '/jobs/',
      '/JOBS',
      '/jobs?x=/y',
      '/v1/jobs/a/trigger',
      '/V1/Jobs/a%2Fb/trigger',
    ])
      expect(await status(path), path).to.equal(200);
  });

  it('leaves to the next one what is not its own, and what went wrong to nobody of them', async () => {
    expect(await status('/v1/jobs/a')).to.equal(200);
    expect(asked).to.deep.equal(['/v1/jobs/:job/trigger', '/v1/jobs/:job']);
    expect(await status('/jobs/%zz')).to.equal(404);
  });

  it('hears of no others', async () => {
    for (const path of ['/', '/job', '/jobsy', '/v1', '/v1/job/a/trigger', '//jobs', '/v1/runs/a'])
      expect(await status(path), path).to.equal(404);
    expect(asked).to.deep.equal([]);
  });

  it('is asked for what lies below, though it may have no route for that', async () => {
    expect(await status('/jobs/a')).to.equal(404);
    expect(await status('/v1/jobs')).to.equal(404);
    expect(asked).to.deep.equal(['/jobs', '/v1/jobs/:job/trigger', '/v1/jobs/:job']);
  });
});
