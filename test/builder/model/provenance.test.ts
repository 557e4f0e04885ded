import { expect } from 'chai';
import { type BuildFacts, provenanceOf } from '../../../builder/model/provenance.ts';
import { type ImageRecipe, recipeOf } from '../../../builder/model/recipe.ts';
import type { ImagePlan } from '../../../builder/model/imagePlan.ts';
import { someImage } from '../../fixtures/image.ts';

const hex = (digit: string): string => digit.repeat(64);
const recipe: ImageRecipe = {
  source: 'https://git.example/acme/site.git',
  ref: 'main',
  dockerfile: 'docker/Dockerfile',
  context: 'docker',
  target: 'app',
  buildArgs: { VERSION: '1.2', NPM_TOKEN: 'npm_123' },
  secrets: ['npm'],
  images: ['golang:1.25', 'quay.io:8443/acme/base:3'],
};
const facts: BuildFacts = {
  image: {
    ...someImage,
    id: `sha256:${hex('a')}`,
    builder: 'buildkit',
    base: { name: 'quay.io:8443/acme/base:3', id: `sha256:${hex('b')}`, digest: `sha256:${hex('c')}` },
    recipe,
  },
  commit: 'c0ffee',
  builderId: 'https://build.example/',
  invocationId: 'run',
  engine: 'one',
  startedAt: Date.UTC(2026, 0, 2),
  finishedAt: Date.UTC(2026, 0, 2, 0, 1),
};

describe('the build record of an image', () => {
  it('says who made it, of what, and how it was asked for', () => {
    const { images: _found, buildArgs: _args, ...asked } = recipe;
    expect(provenanceOf(facts)).to.deep.equal({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'acme/site', digest: { sha256: hex('a') } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:docker-builder:image:v1',
          externalParameters: { ...asked, buildArgs: { VERSION: '1.2', NPM_TOKEN: '********' } },
          internalParameters: { engine: 'one', platform: 'linux/amd64', builder: 'buildkit' },
          resolvedDependencies: [
            { uri: 'git+https://git.example/acme/site.git@main', digest: { gitCommit: 'c0ffee' } },
            {
              name: 'quay.io:8443/acme/base:3',
              uri: `pkg:docker/quay.io%3A8443/acme/base@3?digest=sha256:${hex('c')}`,
              digest: { sha256: hex('c') },
            },
            { name: 'golang:1.25', uri: 'pkg:docker/golang@1.25' },
          ],
        },
        runDetails: {
          builder: { id: 'https://build.example/' },
          metadata: {
            invocationId: 'run',
            startedOn: '2026-01-02T00:00:00.000Z',
            finishedOn: '2026-01-02T00:01:00.000Z',
          },
        },
      },
    });
  });

  it('is about what the registries have, where there is something', () => {
    const pushed = [{ repository: 'quay.io/acme/site', tags: ['1', 'latest'], digest: `sha256:${hex('d')}` }];
    const { subject } = provenanceOf({ ...facts, image: { ...facts.image, pushed } });
    expect(subject).to.deep.equal([{ name: 'quay.io/acme/site', digest: { sha256: hex('d') } }]);
  });

  it('needs neither a source nor a base', () => {
    const { predicate } = provenanceOf({ ...facts, image: someImage });
    expect(predicate.buildDefinition).to.deep.include({ externalParameters: {}, resolvedDependencies: [] });
    const pinned = { ...recipe, images: [`busybox@sha256:${hex('e')}`, 'a name that is none'] };
    const [, first, second] = provenanceOf({ ...facts, image: { ...someImage, recipe: pinned } }).predicate
      .buildDefinition.resolvedDependencies;
    expect(first).to.include({ uri: `pkg:docker/busybox?digest=sha256:${hex('e')}` });
    expect(second).to.include({ uri: 'pkg:docker/a%20name%20that%20is%20none@latest' });
  });

  it('hides arguments by their names alone', () => {
    const names = [
      'TOKEN',
      'db_password',
      'AWS_SECRET_ACCESS_KEY',
      'API_KEY',
      'GIT_AUTH',
      'sshKey',
      'SSH_KEY',
    ];
    const plain = ['AUTHOR', 'KEYBOARD', 'PASSIVE', 'TOKENIZER', 'COMPASS'];
    const buildArgs = Object.fromEntries([...names, ...plain].map((name) => [name, 'value']));
    const { predicate } = provenanceOf({
      ...facts,
      image: { ...someImage, recipe: { ...recipe, buildArgs } },
    });
    const shown = predicate.buildDefinition.externalParameters.buildArgs ?? {};
    const open = Object.keys(shown).filter((name) => shown[name] === 'value');
    expect(open).to.deep.equal([...plain]);
  });
});

describe('the recipe of an image', () => {
  const plan: ImagePlan = {
    name: 'site',
    context: '',
    tags: [],
    push: true,
    builder: 'auto',
    platforms: [],
    secrets: [{ id: 'npm', secret: 'npm-of-acme' }],
    cache: { from: [], inline: false, to: [] },
    depends: [],
    options: {},
  };
  const found = { dockerfile: 'Dockerfile', images: ['busybox'] };

  it('names the Bobfile of which it is an entry, and secrets by their ids', () => {
    const source = { kind: 'git', url: 'https://git.example/a/b.git', ref: 'v1' } as const;
    const bobfile = { path: 'Bobfile', required: false };
    const common = { source: source.url, ref: 'v1', ...found, context: '', secrets: ['npm'] };
    const other = { ...plan, name: 'other' };
    expect(recipeOf({ source, bobfile, image: other }, plan, ['busybox'])).to.deep.equal({
      ...common,
      bobfile: 'Bobfile',
    });
    expect(recipeOf({ source, bobfile, image: plan }, plan, ['busybox'])).to.deep.equal(common);
    const folder = { kind: 'folder', path: '/home/me/site' } as const;
    expect(recipeOf({ source: folder, image: plan }, plan, ['busybox'])).to.deep.equal({
      ...found,
      context: '',
      secrets: ['npm'],
    });
  });
});
