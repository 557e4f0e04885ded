import { expect } from 'chai';
import { parseBobfile } from '../../builder/model/bobfile/parse.ts';
import { BobfileError } from '../../builder/model/bobfile/bobfileError.ts';
import { buildJob, type JobView, tailOf } from '../fixtures/jobs.ts';
import { createRepository, type Files } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const entry = '[[container]]\nname = "x"\n';
const plain: Files = { Dockerfile: 'FROM busybox\n' };
const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefghij'[i]},`.repeat(8)}*a]`),
  'container: *j',
].join('\n');

/** Field.md rows 3 and 12: a Bobfile is what anybody wrote who may push, and no way to the machine or its time. */
describe('attack: a Bobfile', () => {
  let world: World;
  before(async () => (world = await openWorld()));
  after(() => world.close());

  let count = 0;
  async function build(files: Files): Promise<JobView> {
    const repo = `trick${++count}`;
    await createRepository(world.git, `acme/${repo}`, files);
    return buildJob(world.server, { account: 'acme', repo, ref: 'main' });
  }

  const files: [what: string, bobfile: string, reason: string][] = [
    ['that leaves the repository', '../x', 'bobfile_missing'],
    ['that leaves it and comes back', '../main/Dockerfile', 'bobfile_missing'],
    ['of the machine', '/etc/passwd', 'bobfile_missing'],
    ["of git's own", '.git/config', 'bobfile_missing'],
    ['with a pattern for its name', ':(glob)**/Bobfile', 'bobfile_missing'],
    ['that is a link out', 'out', 'bobfile_invalid'],
    ['that is a link', 'link', 'bobfile_invalid'],
    ['behind a link', 'etc/passwd', 'bobfile_missing'],
    ['that is a folder', 'folder', 'bobfile_invalid'],
    ['that is a submodule', 'sub', 'bobfile_invalid'],
    ['that is too large', 'large', 'bobfile_invalid'],
  ];
  /** A checkout has real files, links and folders. */
  const inCheckout = new Set(['../x', '/etc/passwd', '.git/config', 'out', 'etc/passwd', 'folder']);
  for (const submodules of [false, true])
    it(`${submodules ? 'in a checkout' : 'in a commit'} is a file of the repository, or refused`, async () => {
      const repo = `files-${submodules}`;
      await createRepository(world.git, `acme/${repo}`, {
        ...plain,
        out: { link: '/etc/passwd' },
        link: { link: 'real' },
        real: entry,
        etc: { link: '/etc' },
        'folder/x': entry,
        'a/Bobfile': entry,
        large: `#${'x'.repeat(262_144)}`,
        ...(!submodules && { sub: { submodule: '1'.repeat(40) } }),
      });
      const body = { name: repo, image: { source: { account: 'acme', repo }, submodules } };
      const answer = await world.server.request('/v1/jobs', { method: 'POST', body: JSON.stringify(body) });
      expect(answer.status).to.equal(201);
      const asked = files.filter(([, bobfile]) => !submodules || inCheckout.has(bobfile));
      const jobs = asked.map(async ([what, bobfile, reason]) => {
        const job = await buildJob(world.server, { account: 'acme', repo, ref: 'main', bobfile });
        expect(job.reason ?? job.status, `${what}: ${job.error}`).to.equal(reason);
        const said = JSON.stringify(job) + (await tailOf(world.server, job.id));
        expect(said, what).not.to.match(/root:x:|repositoryformat/);
      });
      await Promise.all(jobs);
    });

  it('leads to no Dockerfile and no context behind a link', async () => {
    const links: Files = {
      ...plain,
      out: { link: '/etc' },
      in: { link: 'real' },
      'real/Dockerfile': 'FROM busybox\n',
      file: { link: 'Dockerfile' },
    };
    const paths = [
      'Dockerfile: out/passwd',
      'Dockerfile: in/Dockerfile',
      'Dockerfile: file',
      'context: in',
      'context: out',
    ];
    // All in one commit: a build reads the Bobfile that it is asked for.
    const bobfiles = paths.map((path, i): [string, string] => [`bob${i}`, `container: [{ ${path} }]`]);
    const made = await createRepository(world.git, 'acme/links', {
      ...links,
      ...Object.fromEntries(bobfiles),
    });
    const jobs = bobfiles.map(async ([bobfile, text]) => {
      const job = await buildJob(world.server, { account: 'acme', repo: 'links', ref: made.commit, bobfile });
      expect(job.reason, text).to.be.oneOf(['dockerfile_invalid', 'context_invalid']);
    });
    await Promise.all(jobs);
  });

  it('and a Dockerfile make no image look like that of another build, nor like none of ours', async () => {
    const Dockerfile =
      'FROM busybox\nLABEL docker-builder.store=evil docker-builder.attempt=evil docker-builder.tags=busybox:latest\n';
    const honest = await build(plain);
    for (const builder of ['classic', 'buildkit']) {
      const forged = await build({ Dockerfile, Bobfile: `container: [{ builder: ${builder} }]` });
      const { labels = {} } = forged.image ?? {};
      const label = 'docker-builder.store';
      expect(labels[label], builder).to.equal(honest.image?.labels[label]).and.not.equal(undefined);
      expect(labels['docker-builder.attempt']).not.to.equal('evil');
      if (builder === 'buildkit') expect(labels['docker-builder.tags']).not.to.contain('busybox');
    }
  });

  it('and a ref write nothing into the labels but texts', async () => {
    const made = await createRepository(world.git, 'acme/odd', plain);
    const odd = '";LABEL\u00a0docker-builder.store="$PATH`id`\'&x';
    await made.branch(odd);
    const job = await buildJob(world.server, { account: 'acme', repo: 'odd', ref: odd });
    expect(job.status, job.error).to.equal('completed');
    const { labels = {}, tags = [] } = job.image ?? {};
    expect(labels['org.opencontainers.image.version']).to.equal(odd);
    expect(labels['docker-builder.store']).to.match(/^[0-9a-f-]{36}$/);
    for (const tag of tags) expect(tag).to.match(/^acme\/odd:[\w.-]+$/);
  });

  const hostile: [what: string, text: string][] = [
    ['a YAML bomb', bomb],
    [
      'a YAML bomb of merged tables',
      ['a: &a { x: 1 }', ...Array.from({ length: 2000 }, (_, i) => `k${i}: { <<: [*a, *a, *a] }`)].join('\n'),
    ],
    ['deep lists of YAML', '['.repeat(200_000)],
    ['deep tables of YAML', '{a: '.repeat(60_000)],
    ['deep blocks of YAML', Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['deep lists of JSON', `{"container":${'['.repeat(130_000)}`],
    ['deep keys of TOML', `${'a.'.repeat(130_000)}a = 1`],
    ['deep lists of TOML', `a = ${'['.repeat(250_000)}`],
    ['deep tables of TOML', `a = ${'{a='.repeat(80_000)}`],
    ['many tables of TOML', '[[a]]\n'.repeat(40_000)],
    ['a long number', `version = ${'9'.repeat(250_000)}`],
    ['many quotes', '"'.repeat(260_000)],
    ['many colons', ': '.repeat(130_000)],
    ['many anchors', Array.from({ length: 20_000 }, (_, i) => `- &a${i} x`).join('\n')],
    ['a tag with code', 'container: !!js/function "function(){}"'],
    ['a key of the language', '{"__proto__": {"skip_push": true}, "constructor": 1, "container": [{}]}'],
    ['control characters', '[[container]]\nname = "a\\u0000b\\u001b[2J"\n'],
    ['a lone surrogate', '{"container":[{"name":"\\ud800"}]}'],
  ];
  for (const [what, text] of hostile)
    it(`that is ${what} is refused, and soon`, () => {
      const before = process.cpuUsage();
      expect(() => parseBobfile(text, 'Bobfile')).to.throw(BobfileError);
      const { user, system } = process.cpuUsage(before);
      // In microseconds of this process: other work on the machine does not count.
      expect(user + system).to.be.below(3_000_000);
      expect(Object.hasOwn(Object.prototype, 'skip_push')).to.equal(false);
    });
});
