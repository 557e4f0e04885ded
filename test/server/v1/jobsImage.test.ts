import { expect } from 'chai';
import { type Json, openV1, type V1 } from './fixture.ts';

const source = { account: 'acme', repo: 'api' };
const password = 'hunter22hunter22';

describe('the image of a job', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  let count = 0;
  const create = (image: object) =>
    v1.post('/v1/jobs', { project_id: 'p1', slug: `i${++count}`, image: { source, ...image } });
  const stored = async (json: Json) => (await v1.room.store.read.job(String(json['id'])))?.definition.image;

  it('says what it is called, where it goes and how it is built', async () => {
    const image = {
      dockerfile: 'docker/Dockerfile',
      context: 'docker',
      repository: 'quay.io/acme/api',
      tags: ['{{ sha }}', 'latest', 'git:tag'],
      push: false,
      builder: 'buildkit',
      platforms: ['linux/amd64', 'linux/arm/v7'],
      labels: { team: 'web' },
      secrets: { npm: 'secret:npm-token' },
      ssh: 'secret:deploy.key',
      cache_from: ['quay.io/acme/api:cache'],
      cache_to: ['quay.io/acme/api:cache'],
      cache_inline: true,
    };
    const { status, json, text } = await create(image);
    expect(status, text).to.equal(201);
    expect(json['image']).to.deep.equal({ source, ...image });
    expect(await stored(json)).to.deep.include({
      secrets: { npm: 'npm-token' },
      ssh: 'deploy.key',
      cacheFrom: image.cache_from,
      cacheTo: image.cache_to,
      cacheInline: true,
    });
  });

  it('is changed field by field, also to nothing, by what it was shown as', async () => {
    const { json } = await create({ secrets: { npm: 'secret:npm' }, ssh: 'secret:key', push: false });
    const path = `/v1/jobs/${String(json['id'])}`;
    const same = await v1.patch(path, { image: json['image'] });
    expect(same.json['image']).to.deep.equal(json['image']);
    const { json: less } = await v1.patch(path, { image: { ssh: '', secrets: {}, context: './a//b/' } });
    const left = { source, dockerfile: 'Dockerfile', context: 'a/b', push: false };
    expect(less['image']).to.deep.equal(left);
    const { json: none } = await v1.patch(path, { image: { context: '.', push: true, tags: ['x'] } });
    const { context: _gone, ...rest } = left;
    expect(none['image']).to.deep.equal({ ...rest, push: true, tags: ['x'] });
  });

  it('is described by a Bobfile or by the job itself', async () => {
    const { status, json } = await create({ bobfile: 'ci/Bobfile', dockerfile: 'Dockerfile' });
    expect([status, json['image']]).to.deep.equal([
      201,
      { source, bobfile: 'ci/Bobfile', dockerfile: 'Dockerfile' },
    ]);
    const others = {
      dockerfile: 'other',
      context: 'a',
      target: 'run',
      build_args: { A: '1' },
      repository: 'acme/api',
    };
    for (const [field, value] of Object.entries(others)) {
      const sentence = `give image.bobfile or image.${field}: a Bobfile says it itself`;
      const made = await create({ bobfile: 'Bobfile', [field]: value });
      expect([made.status, made.json['error']]).to.deep.equal([400, sentence]);
      const changed = await v1.patch(`/v1/jobs/${String(json['id'])}`, { image: { [field]: value } });
      expect([changed.status, changed.json['error'], changed.json['field']]).to.deep.equal([
        400,
        sentence,
        'image.bobfile',
      ]);
    }
    const path = `/v1/jobs/${String(json['id'])}`;
    const { json: own } = await v1.patch(path, { image: { bobfile: '', target: 'run' } });
    expect(own['image']).to.deep.equal({ source, dockerfile: 'Dockerfile', target: 'run' });
  });

  const inside = 'must be a path inside of the repository, without "..", ".git" or a "/" at its beginning';
  const secret = 'must be "secret:<name>", the name of a secret in settings.json';
  const bad: [image: object, sentence: string][] = [
    [{ dockerfile: '../Dockerfile' }, `image.dockerfile ${inside}`],
    [{ bobfile: '/etc/passwd' }, `image.bobfile ${inside}`],
    [{ context: 'a/../..' }, `image.context ${inside}`],
    [{ context: '.git' }, `image.context ${inside}`],
    [
      { repository: 'https://u:hunter22hunter22@quay.io/x' },
      'image.repository must be without a scheme, a user and a digest, such as quay.io/acme/app',
    ],
    [
      { repository: 'quay.io/acme/app:1' },
      'image.repository "quay.io/acme/app:1" must be the name of an image without a tag, such as quay.io/acme/app',
    ],
    [
      { repository: 'alpine' },
      'image.repository "alpine" is the name of one of Docker\'s own images: give it a registry or an account',
    ],
    [
      { tags: ['ok', '{{ shaa }}'] },
      'image.tags: "{{ shaa }}" has the unknown macro "shaa": {{ sha }}, {{ branch }}, {{ tag }} and {{ date "2006-01-02" }} are known; did you mean sha?',
    ],
    [{ tags: ['a b'] }, 'image.tags: "a b" may have only letters, digits, "_", "." and "-" besides macros'],
    [{ push: 'yes' }, 'image.push must be true or false'],
    [{ builder: 'kaniko' }, 'image.builder must be one of: classic, buildkit, auto'],
    [
      { platforms: ['arm64'] },
      'image.platforms: "arm64" must be os/arch or os/arch/variant, such as linux/arm64',
    ],
    [
      { labels: { 'docker-builder.store': 'x' } },
      'image.labels: "docker-builder.store" must not begin with "docker-builder.", which marks what is the server\'s own',
    ],
    [{ secrets: { npm: password } }, `image.secrets: each value ${secret}`],
    [{ secrets: { npm: 'env:NPM' } }, `image.secrets: each value ${secret}`],
    [{ secrets: { npm: '' } }, 'image.secrets: a value is empty'],
    [{ secrets: { 'a b': 'secret:x' } }, 'image.secrets: ids are made of letters, digits, "_", "." and "-"'],
    [{ ssh: `-----BEGIN ${password}` }, `image.ssh ${secret}`],
    [
      { build_args: { NPM: 'secret:npm' } },
      'build_args must not be secrets, which would stay in the image: use image.secrets and RUN --mount=type=secret',
    ],
    [
      { cache_from: ['quay.io/Acme'] },
      'image.cache_from: "quay.io/Acme" must be an image, such as quay.io/acme/app:latest',
    ],
    [{ cache_to: ['a:b:c'] }, 'image.cache_to: "a:b:c" must be an image, such as quay.io/acme/app:latest'],
    ...[{ secrets: { a: 'secret:b' } }, { ssh: 'secret:b' }, { cache_inline: true }].map(
      (needs): [object, string] => [
        { builder: 'classic', ...needs },
        'image.builder must be buildkit or auto: the classic builder has no secrets, ssh and inline cache',
      ],
    ),
  ];
  for (const [image, sentence] of bad)
    it(`is refused: ${sentence}`, async () => {
      const { status, json, text } = await create(image);
      expect([status, json['error']]).to.deep.equal([400, sentence]);
      expect(text).not.to.include(password);
    });
});
