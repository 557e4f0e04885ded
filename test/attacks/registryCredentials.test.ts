import { expect } from 'chai';
import { buildJob, type JobView, tailOf } from '../fixtures/jobs.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { type FrontOptions, type RegistryFront, startRegistryFront } from '../fixtures/registryFront.ts';
import { createRepository, type Files } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const password = 'robot-pass-3c1d';
const basic = `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`;

/** Field.md row 14: whoever writes a Dockerfile names the registries that the engine asks. */
describe('attack: a registry that wants the credential of another', () => {
  let world: World;
  let registry: TestRegistry;
  /** In front of the registry: what it does with some requests changes with the tests. */
  let ours: RegistryFront;
  let treason: FrontOptions['answers'];

  before(async () => {
    registry = await startRegistry({ users: { robot: password } });
    ours = await startRegistryFront({ to: registry.port, answers: (request) => treason?.(request) });
    const settings = {
      registries: [{ host: ours.host, username: 'robot', password: 'env:ROBOT_PASSWORD' }],
    };
    const env = {
      ROBOT_PASSWORD: password,
      DOCKER_BUILDER_CFGUN: 'hub-user',
      DOCKER_BUILDER_CFGPASS: 'hub-pass-77aa',
    };
    world = await openWorld({ settings, env });
    const made = await build({
      Bobfile: bobfileOf(ours.host, 'private'),
      Dockerfile: 'FROM busybox\nRUN true\n',
    });
    expect(made.status, made.error).to.equal('completed');
  });
  afterEach(() => (treason = undefined));
  after(async () => {
    await world.close();
    await ours[Symbol.asyncDispose]();
    await registry.close();
  });

  let count = 0;
  async function build(files: Files): Promise<JobView> {
    const repo = `registry${++count}`;
    await createRepository(world.git, `acme/${repo}`, files);
    return buildJob(world.server, { account: 'acme', repo, ref: 'main' });
  }

  const bobfileOf = (host: string, project: string) =>
    `[[container]]\nregistry = "${host}/team"\nproject = "${project}"\ntags = ["x"]\n`;
  const builders = ['classic', 'buildkit'] as const;
  const asked = (builder: string, image: string): Files => ({
    Bobfile: `[[container]]\nbuilder = "${builder}"\npull = true\n`,
    Dockerfile: `FROM ${image}\nRUN true\n`,
  });
  const shown = ({ requests }: RegistryFront) => requests.flatMap(({ authorization }) => authorization ?? []);

  for (const builder of builders) {
    it(`gets none by being named in FROM (${builder})`, async () => {
      for (const scheme of ['Basic realm="x"', `Bearer realm="${ours.url}/token",service="${ours.host}"`]) {
        ours.requests.length = 0;
        await using evil = await startRegistryFront({
          answers: () => ({ status: 401, headers: { 'www-authenticate': scheme } }),
        });
        const job = await build(asked(builder, `${evil.host}/team/private:x`));
        expect(job.status).to.equal('errored');
        expect(evil.requests).not.to.have.length(0);
        expect(shown(evil), scheme).to.deep.equal([]);
        expect(shown(ours), scheme).to.deep.equal([]);
      }
    });

    it(`gets none by being where ours keeps its data (${builder})`, async () => {
      await using store = await startRegistryFront({ to: registry.port });
      treason = ({ path, authorization }) =>
        path.includes('/blobs/') && authorization === basic
          ? { status: 307, headers: { location: `${store.url.replace('127.0.0.1', 'localhost')}${path}` } }
          : undefined;
      await world.engine.docker('rmi', '-f', `${ours.host}/team/private:x`);
      const job = await build(asked(builder, `${ours.host}/team/private:x`));
      // The data are for those only who show who they are, and nobody does.
      expect(job.status).to.equal('errored');
      expect(store.requests).not.to.have.length(0);
      expect(shown(store)).to.deep.equal([]);
    });
  }

  it('gets none by being pushed to', async () => {
    await using evil = await startRegistryFront({
      answers: () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
    });
    const job = await build({ Bobfile: bobfileOf(evil.host, 'x'), Dockerfile: 'FROM busybox\n' });
    expect(job).to.include({ status: 'errored', reason: 'registry_auth' });
    expect(shown(evil)).to.deep.equal([]);
  });

  it('is not asked at all where a cloud tells a machine its secrets', async () => {
    const place = '169.254.43518:80';
    const jobs = [
      build({ Dockerfile: `ARG WHERE=${place}\nFROM $WHERE/x/y\n` }),
      build({ Bobfile: bobfileOf('[fe80::1]:5000', 'x'), Dockerfile: 'FROM busybox\n' }),
      build({ Dockerfile: `# syntax=${place}/docker/dockerfile:1\nFROM busybox\n` }),
    ];
    for (const job of await Promise.all(jobs)) {
      expect(job, await tailOf(world.server, job.id)).to.include({ reason: 'image_name_refused' });
      expect(job.error).to.match(/is no place for images/);
    }
  });
});
