import { expect } from 'chai';
import { type Member, startMember } from '../../fixtures/cluster/member.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const token = 'the-token-of-the-administrator';

describe('/metrics of a server and a worker', () => {
  let database: TestDatabase;
  let [server, worker]: [Member?, Member?] = [];
  before(async () => {
    database = await emptyDatabase();
    const env = {
      DOCKER_BUILDER_DATABASE: database.url,
      DOCKER_BUILDER_SECRETKEY: '1'.repeat(64),
      DOCKER_BUILDER_TOKEN: token,
      DOCKER_HOST: 'unix:///nowhere.sock',
    };
    server = await startMember({ name: 'front', role: 'server', env });
    worker = await startMember({ name: 'back', role: 'worker', env, alive: '/livez' });
  });
  after(async () => {
    await worker?.close();
    await server?.close();
    await database?.drop();
  });

  const ask = (member: Member | undefined, credential?: string) =>
    waitFor('an answer', () =>
      member?.request(
        '/metrics',
        credential === undefined ? {} : { headers: { Authorization: `Bearer ${credential}` } },
      ),
    );

  it('tell each of itself, and both of all', async () => {
    const isTold = (text: string) =>
      text.includes('docker_builder_members{role="server",state="on"} 1') &&
      text.includes('docker_builder_members{role="worker",state="on"} 1') &&
      text.includes('docker_builder_engine_slots{engine="back",member="back"}');
    for (const [member, name, role] of [
      [server, 'front', 'server'],
      [worker, 'back', 'worker'],
    ] as const) {
      const text = await waitFor(`${name} to tell of both`, async () => {
        const told = await (await ask(member, token)).text();
        return isTold(told) && told;
      });
      expect(text).to.match(
        new RegExp(`docker_builder_info\\{version="[\\d.]+",name="${name}",role="${role}"\\} 1\n`),
      );
      expect(text)
        .to.include('docker_builder_store_up 1\n')
        .and.include('docker_builder_runs{state="queued"} 0\n');
    }
  });

  it('are for who has the token', async () => {
    for (const member of [server, worker]) {
      expect((await ask(member)).status).to.equal(401);
      expect((await ask(member, 'guess')).status).to.equal(401);
    }
  });
});
