import { startEngine } from '../../test/fixtures/engine.ts';
import { type ServerOptions, startServer, type TestServer } from '../../test/fixtures/server.ts';
import { openWorld, type World, type WorldOptions } from '../../test/fixtures/world.ts';

/** Engine, git server and build server for the time of `work`. */
export async function withWorld<T>(work: (world: World) => Promise<T>, options?: WorldOptions): Promise<T> {
  const world = await openWorld(options);
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

/** The same with an engine of its own, with which all that was built goes: for rows whose images are large or many. */
export async function withOwnEngine<T>(
  work: (world: World) => Promise<T>,
  options?: WorldOptions,
): Promise<T> {
  const engine = await startEngine();
  try {
    return await withWorld(work, { ...options, engine });
  } finally {
    await engine.close();
  }
}

/** A build server alone, for the time of `work`: its engine cannot be reached, so that what it takes only waits. */
export async function withLoneServer<T>(
  work: (server: TestServer) => Promise<T>,
  options: ServerOptions = {},
): Promise<T> {
  const env = { DOCKER_HOST: 'unix:///nowhere.sock', ...options.env };
  const server = await startServer({ ...options, env });
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}
