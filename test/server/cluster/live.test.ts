import { expect } from 'chai';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { sharedEngine } from '../../fixtures/engine.ts';
import { type GitServer, startGitServer } from '../../fixtures/gitServer.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { listedEngine, type TestWeb } from '../access/webFixture.ts';
import { openSocket, openStream, type Received } from '../live/liveFixture.ts';
import { openRooms, type Rooms, ways } from './rooms.ts';

describe('a server that watches what another one builds', () => {
  let git: GitServer;
  let gate: Gate;
  before(async () => {
    const engine = await sharedEngine();
    await importBusybox(engine);
    gate = await openGate(engine);
    git = await startGitServer();
  });
  after(async () => {
    await git?.close();
    await gate?.close();
  });

  for (const [index, way] of ways.entries())
    describe(way, () => {
      let rooms: Rooms;
      let a: TestWeb;
      before(async () => {
        const { host } = await sharedEngine();
        rooms = await openRooms(2, way, {
          env: { GIT_URL: `${git.url}/{account}/{repo}.git` },
          engines: (n) => (n === 1 ? [listedEngine('one', host.replace('unix://', ''))] : []),
        });
        [a] = rooms.webs as [TestWeb];
      });
      after(() => rooms?.close());

      const ofType = <T extends Received['type']>(messages: readonly Received[], type: T) =>
        messages.filter((one): one is Extract<Received, { type: T }> => one.type === type);

      /** A build that waits at the door of its own name. */
      async function post(repo: string): Promise<string> {
        const Dockerfile = `FROM busybox\nRUN ${gate.pass(repo)}\nRUN true\n`;
        await createRepository(git, `acme/${repo}`, { Dockerfile });
        const { status, json, text } = await a.ask('POST', '/jobs', {
          body: { account: 'acme', repo, ref: 'main' },
        });
        expect(status, text).to.equal(202);
        return String(json['id']);
      }

      it('shows its states, steps and end, and its place in the list', async () => {
        const list = await openStream(a, '/events');
        const id = await post(`watched-${index}`);
        const socket = await openSocket(a, '', id);
        const statuses = () => ofType(socket.messages, 'state').map(({ status }) => status);
        const listed = () =>
          list.events
            .map(({ data }) => data as { id: string; status: string })
            .filter((run) => run.id === id);
        await waitFor('its build', () => statuses().includes('building'));
        await waitFor('its step', () =>
          ofType(socket.messages, 'step').some(({ step }) => step.number === 2),
        );
        await waitFor('its place in the list', () => listed().some(({ status }) => status === 'building'));
        gate.open(`watched-${index}`);
        await waitFor('its end', () => socket.ended());
        expect(ofType(socket.messages, 'end')[0]).to.include({ status: 'completed', reason: null });
        const done = ofType(socket.messages, 'step').filter(({ step }) => step.durationMs !== undefined);
        expect(new Set(done.map(({ step }) => step.number))).to.deep.equal(new Set([1, 2, 3]));
        await waitFor('its end in the list', () => listed().at(-1)?.status === 'completed');
        list.cut();
      });

      it('stops it', async () => {
        const id = await post(`stopped-${index}`);
        await waitFor('its step', () => gate.reached(`stopped-${index}`));
        expect((await a.ask('DELETE', `/jobs/${id}`)).status).to.be.oneOf([200, 202]);
        expect(await rooms.ended({ id })).to.include({ state: 'canceled', reason: 'canceled' });
      });
    });
});
