import { expect } from 'chai';
import fc from 'fast-check';
import { stringify as toToml } from 'smol-toml';
import { stringify as toYaml } from 'yaml';
import type { Bobfile } from '../../../builder/model/bobfile/bobfile.ts';
import { BobfileError } from '../../../builder/model/bobfile/bobfileError.ts';
import { parseBobfile } from '../../../builder/model/bobfile/parse.ts';
import type { ImagePlan } from '../../../builder/model/imagePlan.ts';

function read(text: string): Bobfile {
  return parseBobfile(text, 'Bobfile');
}

function only(text: string): ImagePlan {
  const [image, other] = read(text).images;
  if (!image || other) throw new Error('not one image');
  return image;
}

/** What each image waits for, by its name. */
function order(text: string): Record<string, readonly string[]> {
  return Object.fromEntries(read(text).images.map(({ name, depends }) => [name, depends]));
}

const usual: Omit<ImagePlan, 'name'> = {
  context: '',
  tags: [],
  push: true,
  builder: 'auto',
  platforms: [],
  secrets: [],
  cache: { from: [], inline: false, to: [] },
  depends: [],
  options: {},
};

/** What files of all formats are made of. */
const scraps = `
  [[container]] [container_globals] [docker] container: - { } [ ] " ' """ ''' , : = # &a *a <<: !!x | > ~ --- ... %
  tags name Dockerfile labels.a depends secrets build_args {{sha}} 1 true 1979-05-27 "a" ["a"] =["secret:x"]
  __proto__ constructor \\\\
`.split(/\s+/);

describe('Bobfile', () => {
  it('needs no more than a container', () => {
    expect(only('[[container]]')).to.deep.equal({ ...usual, name: 'container-1' });
  });

  it('takes all keys', () => {
    const text = `
      version = 1
      docker = { build_opts = ["--rm", "--force-rm", "-q"], tag_opts = ["--force", "-f"] }
      [[container]]
      name = "app"
      Dockerfile = "./docker//Dockerfile.app"
      context = "services/app/"
      registry = "quay.io/acme"
      project = "app"
      tags = ["latest", "{{ sha }}", 'd-{{ date "2006-01-02" }}', "git:branch"]
      skip_push = false
      dockercfg_un = "robot"
      dockercfg_pass = "secret:quay"
      dockercfg_email = "robot@acme.example"
      target = "release"
      platforms = ["linux/amd64", "linux/arm/v7"]
      builder = "buildkit"
      ssh = "secret:deploy-key"
      no_cache = true
      pull = true
      depends = []
      [container.build_args]
      VERSION = "1.20"
      EMPTY = ""
      [container.secrets]
      npmrc = "secret:npm"
      [container.cache]
      from = ["quay.io/acme/app:cache", "alpine@sha256:${'0'.repeat(64)}"]
      to = ["quay.io/acme/app:c"]
      [container.labels]
      "org.example.team" = "build & ship"
    `;
    expect(only(text)).to.deep.equal({
      name: 'app',
      dockerfile: 'docker/Dockerfile.app',
      context: 'services/app',
      repository: 'quay.io/acme/app',
      tags: ['latest', '{{ sha }}', 'd-{{ date "2006-01-02" }}', 'git:branch'],
      push: true,
      credentials: { username: 'robot', password: { secret: 'quay' }, email: 'robot@acme.example' },
      builder: 'buildkit',
      platforms: ['linux/amd64', 'linux/arm/v7'],
      secrets: [{ id: 'npmrc', secret: 'npm' }],
      ssh: 'deploy-key',
      cache: {
        from: ['quay.io/acme/app:cache', `alpine@sha256:${'0'.repeat(64)}`],
        inline: true,
        to: ['quay.io/acme/app:c'],
      },
      depends: [],
      options: {
        target: 'release',
        buildArgs: { VERSION: '1.20', EMPTY: '' },
        labels: { 'org.example.team': 'build & ship' },
        noCache: true,
        pull: true,
      },
    });
  });

  it('takes keys in any case, as the original did', () => {
    expect(only('[[Container]]\ndockerfile = "a"\nNAME = "b"')).to.include({ name: 'b', dockerfile: 'a' });
  });

  it('takes secrets as a list, and a user name that is one', () => {
    const image = only(`[[container]]
      secrets = ["secret:npm", "secret:pip.conf"]
      dockercfg_un = "secret:user"
      dockercfg_pass = "secret:pass"`);
    expect(image.secrets).to.deep.equal([
      { id: 'npm', secret: 'npm' },
      { id: 'pip.conf', secret: 'pip.conf' },
    ]);
    expect(image.credentials).to.deep.equal({ username: { secret: 'user' }, password: { secret: 'pass' } });
  });

  it('takes BuildKit where only that can do what is asked for', () => {
    for (const line of ['secrets = ["secret:a"]', 'ssh = "secret:a"', 'cache = { inline = true }'])
      expect(only(`[[container]]\n${line}`).builder, line).to.equal('buildkit');
  });

  describe('globals', () => {
    it('fill what a container leaves empty', () => {
      const [base, app] = read(`
        [docker]
        build_opts = ["--no-cache", "--pull"]
        [container_globals]
        Dockerfile = "Dockerfile.all"
        registry = "acme"
        project = "my-app"
        tags = ["{{ sha }}"]
        target = ""
        no_cache = true
        [container_globals.labels]
        a = "1"
        b = "1"
        [[container]]
        name = "base"
        tags = ["base"]
        no_cache = false
        pull = false
        [container.labels]
        b = "2"
        [[container]]
        Dockerfile = ""
        tags = []
      `).images;
      expect(base).to.deep.include({
        dockerfile: 'Dockerfile.all',
        repository: 'acme/my-app',
        tags: ['base'],
      });
      expect(base?.options).to.deep.equal({ labels: { a: '1', b: '2' } });
      expect(app).to.deep.include({ name: 'my-app', dockerfile: 'Dockerfile.all', tags: ['{{ sha }}'] });
      expect(app?.options).to.deep.equal({ labels: { a: '1', b: '1' }, noCache: true, pull: true });
    });

    it('keep all images from their registry where they say so', () => {
      const text = '[container_globals]\nskip_push = true\n[[container]]\nskip_push = false\n';
      expect(only(text).push).to.equal(false);
      expect(only(text.replace('true', 'false')).push).to.equal(true);
    });

    it('do not mix their credentials with those of a container', () => {
      const parts = 'dockercfg_un = "u"\ndockercfg_pass = "secret:p"\n';
      const pair = 'credentials = "secret:both"\n';
      expect(only(`[container_globals]\n${parts}[[container]]\n${pair}`).credentials).to.deep.equal({
        pair: 'both',
      });
      expect(only(`[container_globals]\n${pair}[[container]]\n${parts}`).credentials).to.deep.equal({
        username: 'u',
        password: { secret: 'p' },
      });
      expect(only(`[container_globals]\n${parts}[[container]]\ndockercfg_un = "v"\n`).credentials).to.include(
        {
          username: 'v',
        },
      );
    });
  });

  describe('names and order', () => {
    it('are those of the file', () => {
      const text = `
        [container_globals]
        project = "app"
        [[container]]
        name = "base"
        [[container]]
        [[container]]`;
      expect(order(text)).to.deep.equal({ base: [], app: ['base'], 'container-3': ['app'] });
    });

    it('are said by depends as soon as one container has it', () => {
      const text = `
        [[container]]
        name = "app"
        depends = ["base", "tool"]
        [[container]]
        name = "base"
        [[container]]
        name = "tool"`;
      expect(order(text)).to.deep.equal({ app: ['base', 'tool'], base: [], tool: [] });
      expect(order('[[container]]\ndepends = []\n[[container]]\n')).to.deep.equal({
        'container-1': [],
        'container-2': [],
      });
    });
  });

  describe('old files', () => {
    const zero = `
[docker]
build_opts = [
  "--rm",
  "--no-cache"
]
tag_opts = ["--force"]

[containers]

[containers.global]
registry = "acme"
project = "my-app"
excluded = ["spec"]
tags = ["git:branch", "git:rev", "git:short"]

[containers.base]
Dockerfile = "Dockerfile.base"
included = ["Gemfile", "Gemfile.lock"]
tags = ["base"]
skip_push = true

[containers.7]
Dockerfile = "Dockerfile.app"
`;

    it('of version 0 mean what they meant, in their order', () => {
      const { images, notes } = read(zero);
      expect(images).to.deep.equal([
        {
          ...usual,
          name: 'base',
          dockerfile: 'Dockerfile.base',
          repository: 'acme/my-app',
          tags: ['base'],
          push: false,
          options: { noCache: true },
        },
        {
          ...usual,
          name: '7',
          dockerfile: 'Dockerfile.app',
          repository: 'acme/my-app',
          tags: ['git:branch', 'git:rev', 'git:short'],
          depends: ['base'],
          options: { noCache: true },
        },
      ]);
      expect(notes.map(({ line, place }) => `${line} ${place}`)).to.deep.equal([
        '9 containers',
        '14 containers.global.excluded',
        '19 containers.base.included',
      ]);
    });

    it('of 0.6.1 may say what was included', () => {
      const { images, notes } = read('version = 1\n[[container]]\nincluded = ["a"]\nexcluded = ["b"]\n');
      expect(images).to.have.length(1);
      expect(notes.map(({ problem }) => problem).join()).to.contain('.dockerignore');
    });
  });

  it('is the same in TOML, JSON and YAML', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const container = fc.record(
      {
        Dockerfile: fc.constantFrom('Dockerfile', 'a/b', './x y'),
        project: word,
        tags: fc.array(fc.constantFrom('latest', '{{ sha }}', '1.0', 'on', 'null', '{{ date `2006` }}'), {
          minLength: 1,
        }),
        labels: fc.dictionary(fc.stringMatching(/^[a-z."'\\é]{1,9}$/), fc.stringMatching(/^[ -~é☃]*$/)),
        skip_push: fc.boolean(),
        no_cache: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const file = fc.record(
      { version: fc.constant(1), container: fc.array(container, { minLength: 1, maxLength: 4 }) },
      { requiredKeys: ['container'] },
    );
    fc.assert(
      fc.property(file, (value) => {
        const fromToml = read(toToml(value));
        expect(fromToml.images).to.have.length(value.container.length);
        expect(read(JSON.stringify(value))).to.deep.equal(fromToml);
        expect(read(JSON.stringify(value, null, '\t'))).to.deep.equal(fromToml);
        expect(read(toYaml(value))).to.deep.equal(fromToml);
      }),
      { numRuns: 40 },
    );
  });

  it('is given or refused, whatever the text', () => {
    const scrap = fc.constantFrom(...scraps, ' ', '  ', '\n', '\r\n', '\t', '\u0000', '\uFEFF', '\uD800');
    const text = fc.oneof(
      fc.array(scrap, { maxLength: 60 }).map((parts) => parts.join('')),
      fc.array(scrap, { maxLength: 60 }).map((parts) => parts.join(' ')),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('Bobfile', 'a.json', 'b.yml', 'c.toml'), (one, path) => {
        try {
          expect(parseBobfile(one, path).images).to.not.be.empty;
        } catch (error) {
          if (!(error instanceof BobfileError)) throw error;
          expect(error.problems).to.not.be.empty;
          for (const { place, problem } of error.problems)
            expect(`${place} ${problem}`).to.match(/^\P{Cc}{3,2000}$/u);
        }
      }),
      { numRuns: 400 },
    );
  });
});
