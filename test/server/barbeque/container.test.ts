import { expect } from 'chai';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { sharedEngine } from '../../fixtures/engine.ts';
import { startServer, type TestServer } from '../../fixtures/server.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type ContainerWorld, containerWorldOf, sh } from '../containers/containerWorld.ts';

const token = 'the-token-of-the-administrator';

/** Asks for itself once more, waits for the end of that, and ends well: no credential, no client but this. */
const script = (server: string) => `
  ask() { wget -q -O - --header 'Content-Type: application/json' "$@"; echo; }
  executions=${server}/v1/job_executions
  echo "$BARBEQUE_JOB $BARBEQUE_MESSAGE $BARBEQUE_MESSAGE_ID $BARBEQUE_QUEUE_NAME $BARBEQUE_RETRY_COUNT"
  [ "$BARBEQUE_RETRY_COUNT" = 0 ] || exit 0
  ask --post-data '{"delay_seconds":0}' $executions/$BARBEQUE_MESSAGE_ID/retries > /tmp/retry
  cat /tmp/retry
  retry=$(sed 's/.*"message_id":"\\([^"]*\\)".*/\\1/' /tmp/retry)
  until ask $executions/$retry?fields=status | grep success; do sleep 0.05; done
  ask $executions/$BARBEQUE_MESSAGE_ID?fields=status`;

describe('a container that asks for its own retry', () => {
  let server: TestServer;
  let world: ContainerWorld;
  before(async () => {
    const engine = await sharedEngine();
    await importBusybox(engine);
    const config = '{{(index .IPAM.Config 0).Gateway}} {{(index .IPAM.Config 0).Subnet}}';
    const [gateway = '', subnet = ''] = (
      await engine.docker('network', 'inspect', 'bridge', '--format', config)
    ).split(' ');
    server = await startServer({
      env: {
        DOCKER_HOST: engine.host,
        DOCKER_BUILDER_LISTEN: '0.0.0.0',
        DOCKER_BUILDER_TOKEN: token,
        DOCKER_BUILDER_CONCURRENCY: '2',
      },
      settings: { open: { barbeque: [subnet] }, queues: [{ name: 'mail' }] },
    });
    const request: TestServer['request'] = (path, init) =>
      server.request(path, {
        ...init,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      });
    world = containerWorldOf({ ...server, request }, engine);
    await world.job(sh(script(`http://${gateway}:${server.port}`)), { slug: 'notify' });
  });
  after(async () => {
    await world?.nothingLeft().catch(() => undefined);
    await server?.close();
  });

  const body = async (path: string, init?: RequestInit) =>
    (await (
      await server.request(path, { ...init, headers: { Authorization: `Bearer ${token}` } })
    ).json()) as Record<string, unknown>;

  it('gets it while it runs, from the network that is open to it', async () => {
    const wish = { application: 'acme', job: 'notify', queue: 'mail', message: { recipe_id: 1 } };
    const response = await server.request('/v2/job_executions', {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(wish),
    });
    expect(response.status).to.equal(201);
    const { message_id: id } = (await response.json()) as { message_id: string };
    await world.ended(id);
    const [retry] = (await body(`/v1/runs?parent_run_id=${id}&project_id=acme`)) as unknown as {
      id: string;
    }[];
    const retryId = String(retry?.id);
    expect((await world.log(id)).slice(1, -1)).to.deep.equal([
      `notify {"recipe_id":1} ${id} mail 0`,
      `{"message_id":"${retryId}","status":"pending"}`,
      '{"status":"success"}',
      '{"status":"running"}',
    ]);
    expect((await world.log(retryId)).slice(1, -1)).to.deep.equal([`notify {"recipe_id":1} ${id} mail 1`]);
    await waitFor('both to have ended well', async () => {
      const statuses = [await body(`/v1/job_executions/${id}`), await body(`/v1/job_executions/${retryId}`)];
      return statuses.every(({ status }) => status === 'success');
    });
    const stranger = await server.request('/v2/job_executions', { method: 'POST' });
    expect(stranger.status, 'whoever is not in that network').to.equal(401);
  });
});
