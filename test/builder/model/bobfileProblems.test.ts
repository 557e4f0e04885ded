import { expect } from 'chai';
import { BobfileError } from '../../../builder/model/bobfile/bobfileError.ts';
import { parseBobfile } from '../../../builder/model/bobfile/parse.ts';

/** Its lines as `line place: problem`. */
function problemsOf(text: string, path = 'Bobfile'): string[] {
  try {
    parseBobfile(text, path);
  } catch (error) {
    if (!(error instanceof BobfileError)) throw error;
    return error.problems.map(({ line, place, problem }) => `${line ?? '-'} ${place}: ${problem}`);
  }
  return [];
}

function expectOne(text: string, expected: RegExp, path?: string): void {
  const found = problemsOf(text, path);
  expect(found, text.slice(0, 200)).to.have.length(1);
  expect(found[0]).to.match(expected);
}

describe('problems of a Bobfile', () => {
  const whole: [what: string, text: string, expected: RegExp, path?: string][] = [
    ['no text', '', /^- : must have at least one container/],
    ['a heading', '# hi', /^- : must have at least one container/],
    ['an empty list', 'container: []', /^1 container: must have at least one/],
    ['a list', '[~]', /^1 : must be a table with the key container, not a list/],
    ['a word', 'hello', /^1 : must be a table .* not a text/],
    ['an entry without content', 'container: [~]', /^1 container\[0\]: must be a table/],
    ['containers that are a text', 'container: x', /^1 container: must be a list of tables, not a text/],
    ['a newer version', 'version = 2\n[[container]]', /^1 version: must be 1/],
    ['a version in quotes', 'version = "1"\n[[container]]', /^1 version: must be 1/],
    ['a container of version 0 that is a text', '[containers]\na = "b"', /^2 containers\.a: must be a table/],
    ['a broken header of TOML', 'version = 1\n[[container]\n', /^2 : is not valid TOML here: /],
    ['a value that is missing in TOML', '[[container]]\nname =\n', /^2 : is not valid TOML here: /],
    [
      'a key twice in TOML',
      '[[container]]\nname = "a"\nname = "b"',
      /^3 : is not valid TOML here: .*redefine/,
    ],
    ['an end that is missing in JSON', '{\n"container": [{}', /^2 : is not valid JSON here: /],
    ['broken JSON by its name', '[1, 2', /^1 : is not valid JSON here/, 'ci.json'],
    ['tabs in YAML', 'container:\n\t- name: a\n', /^2 : is not valid YAML here: tabs may not indent/],
    ['a key twice in YAML', 'container:\n- name: a\n  name: b\n', /^3 : has the key "name" twice/],
    ['a key that is a number', 'container:\n- 1: a\n', /^2 : has a key that is not a text/],
    ['an unknown alias', 'container: *x\n', /^1 : has an alias "x" without an anchor/],
    ['an alias in itself', 'container: &x [*x]\n', /^1 : has an alias "x" inside of what/],
    ['an unknown tag', 'container: !!js/function x\n', /^1 : is not valid YAML here: Unresolved tag/],
    ['two documents', 'container: []\n---\ncontainer: []\n', /^2 : has more than one document/],
    ['more than it may hold', ' '.repeat(262_145), /^- : must have at most 262144 bytes/],
    [
      'more containers than it may hold',
      '[[container]]\n'.repeat(101),
      /^1 container: must have at most 100/,
    ],
  ];
  for (const [what, text, expected, path] of whole)
    it(`tell of ${what}`, () => expectOne(text, expected, path));

  it('tell of unknown keys, with what was meant', () => {
    expect(problemsOf('{foo: bar}')).to.have.length(2);
    expect(problemsOf('containers: []')).to.deep.include(
      '1 containers: is not known; did you mean container?',
    );
    expectOne(
      '[[container]]\ndockerfil = "a"',
      /^2 container\[0\]\.dockerfil: is not known; did you mean Dockerfile\?/,
    );
    expectOne(
      '[[container]]\nfoo = "a"',
      /^2 container\[0\]\.foo: is not known; allowed are name, Dockerfile, /,
    );
    expectOne(
      '[container_globals]\nname = "a"\n[[container]]',
      /^2 container_globals\.name: is not known; allowed/,
    );
    expectOne('[docker]\nbuild_opt = []\n[[container]]', /^2 docker\.build_opt: .*did you mean build_opts/);
    expectOne('[[container]]\nname = "a"\nName = "b"', /^3 container\[0\]\.Name: is there twice/);
  });

  /** Of one container: what stands in its second line. */
  const lines: [line: string, expected: RegExp][] = [
    ['name = " a"', /name: " a" must be a name/],
    [`name = "${'a'.repeat(101)}"`, /name: "a{59}…" must be a name/],
    ['name = "a\\nb"', /name: must not have line ends/],
    ['name = 1', /name: must be a text in quotes, not a number/],
    ['Dockerfile = "../Dockerfile"', /Dockerfile: "\.\.\/Dockerfile" must be a path inside/],
    ['Dockerfile = "/etc/passwd"', /must be a path inside/],
    ['Dockerfile = "a/.git/config"', /must be a path inside/],
    ['Dockerfile = "."', /must be the path of a file/],
    ['Dockerfile = ["a"]', /must be a text in quotes, not a list/],
    ['context = "a/../../b"', /context: .* must be a path inside/],
    ['registry = "quay.io/acme"', /container\[0\]: must have a project beside/],
    ['tags = "latest"', /tags: must be a list of texts in quotes, not a text/],
    ['tags = [1.0]', /tags\[0\]: must be a text in quotes, not a number/],
    ['tags = [1979-05-27]', /tags\[0\]: must be a text in quotes, not a date/],
    ['tags = ["a", ""]', /tags\[1\]: must not be empty/],
    ['tags = ["a b"]', /tags\[0\]: "a b" may have only letters/],
    ['tags = ["{{ brunch }}"]', /tags\[0\]: "\{\{ brunch \}\}" has the unknown macro .*branch\?/],
    ['tags = [\'{{ date "YYYY" }}\']', /has nothing of the time/],
    [`tags = [${'"a",'.repeat(101)}]`, /tags: must have at most 100 entries/],
    ['skip_push = "true"', /skip_push: must be true or false without quotes, not a text/],
    ['target = "a b"', /target: "a b" must be the name of a stage/],
    ['builder = "kaniko"', /builder: "kaniko" must be one of classic, buildkit, auto/],
    ['platforms = ["amd64"]', /platforms\[0\]: "amd64" must be os\/arch/],
    ['platforms = ["linux/amd64", "linux/amd64"]', /platforms\[1\]: "linux\/amd64" is there twice/],
    ['build_args = ["A=b"]', /build_args: must be a table of NAME = "value", not a list/],
    ['build_args = { A = 1 }', /build_args\.A: must be a text in quotes/],
    ['build_args = { "A B" = "1" }', /build_args\."A B": must have a name/],
    ['build_args = { A = "secret:npm" }', /build_args\.A: must not be a secret.*use secrets/],
    ['labels = { "a b" = "c" }', /labels\."a b": must have a name/],
    ['labels = { "docker-builder.store" = "c" }', /must not begin with "docker-builder\."/],
    ['cache = { exported = "a" }', /cache\.exported: is not known; allowed are from, to, inline/],
    ['cache = { to = ["A b"] }', /cache\.to\[0\]: .*must be an image/],
    ['cache = { from = ["A B"] }', /cache\.from\[0\]: "A B" must be an image/],
    ['depends = ["b"]', /depends\[0\]: "b" must be the name of another container: "container-1"/],
    ['depends = "b"', /depends: must be a list of texts/],
  ];
  for (const [line, expected] of lines)
    it(`tell of ${line.slice(0, 60)}`, () => {
      expectOne(`[[container]]\n${line}\n`, expected);
      expect(problemsOf(`[[container]]\n${line}\n`)[0]).to.match(/^[12] container\[0\]/);
    });

  const names: [registry: string, project: string, expected: RegExp][] = [
    ['https://quay.io', 'app', /registry: "https:\/\/quay\.io" must be without a scheme/],
    ['Acme', 'app', /registry: "Acme" must be a host/],
    ['quay.io/Acme', 'app', /registry: "quay\.io\/Acme" must be a host/],
    ['quay.io/', 'app', /registry: "quay\.io\/" must be a host/],
    ['-x', 'app', /registry: "-x" must be a host/],
    ['library', 'app', /registry: must name an account of Docker Hub/],
    ['docker.io', 'app', /registry: must name an account of Docker Hub/],
    ['index.docker.io/library', 'app', /registry: must name an account of Docker Hub/],
    ['quay.io/acme', 'My App', /project: "My App" must be small letters/],
    ['quay.io/acme', 'app:latest', /project: "app:latest" must be small letters/],
    ['registry.example/acme', 'a'.repeat(240), /project: must be shorter/],
  ];
  for (const [registry, project, expected] of names)
    it(`tell of ${registry} and ${project.slice(0, 20)}`, () => {
      const text = `[[container]]\nregistry = "${registry}"\nproject = "${project}"\ntags = ["a"]\n`;
      const found = problemsOf(text);
      expect(found).to.have.length(1);
      expect((found[0] ?? '').replace(/^\d container\[0\]\./, '')).to.match(expected);
    });

  it('take names as Docker does', () => {
    for (const [registry, project] of [
      ['acme', 'app'],
      ['localhost:5000', 'app'],
      ['registry.example:443/a/b', 'c/d__e.f-g'],
      ['quay.io', 'app'],
      ['docker.io/acme', 'app'],
    ]) {
      const text = `[[container]]\nregistry = "${registry}"\nproject = "${project}"\ntags = ["a"]\n`;
      expect(parseBobfile(text, '').images[0]?.repository).to.equal(`${registry}/${project}`);
    }
  });

  it('tell of an image that is pushed without a tag', () => {
    const text = '[[container]]\nregistry = "acme"\nproject = "app"\n';
    expectOne(text, /^1 container\[0\]: must have tags, such as \["latest"\], because it is pushed/);
    expectOne(`${text}tags = []`, /must have tags/);
    expect(problemsOf(`${text}skip_push = true`)).to.deep.equal([]);
    expect(problemsOf('[[container]]\nproject = "app"\n')).to.deep.equal([]);
  });

  it('tell of what is given to two images', () => {
    const one = '[[container]]\nname = "a"\nregistry = "acme"\nproject = "app"\ntags = ["x"]\n';
    const found = problemsOf(one + one);
    expect(found).to.deep.equal([
      '6 container[1]: must have other tags or another project: "acme/app:x" is also what container[0] is called',
      '7 container[1].name: must have another name: "a" is that of container[0]',
    ]);
  });

  it('tell of circles and of what is said twice', () => {
    const container = (name: string, depends: string): string =>
      `[[container]]\nname="${name}"\ndepends=${depends}\n`;
    expectOne(
      container('a', '["a"]'),
      /^3 container\[0\]\.depends\[0\]: must not lead back to itself: "a" → "a"/,
    );
    const circle = container('a', '["b"]') + container('b', '["c"]') + container('c', '["b"]');
    expectOne(circle, /^9 container\[2\]\.depends\[0\]: .*"b" → "c" → "b"/);
    expectOne(
      container('a', '[]') + container('b', '["a", "a"]'),
      /^6 container\[1\]\.depends\[1\]: "a" is there twice/,
    );
    const diamond = ['["b","c"]', '["d"]', '["d"]', '[]'].map((depends, i) =>
      container('abcd'.charAt(i), depends),
    );
    expect(problemsOf(diamond.join(''))).to.deep.equal([]);
  });

  it('tell of what only BuildKit can', () => {
    for (const line of ['secrets = ["secret:a"]', 'ssh = "secret:a"', 'cache = { inline = true }'])
      expectOne(
        `[[container]]\nbuilder = "classic"\n${line}`,
        /^2 container\[0\]\.builder: must be buildkit or auto/,
      );
  });

  it('tell of options that are not understood', () => {
    const text = '[docker]\nbuild_opts = ["--squash"]\ntag_opts = ["-x"]\n[[container]]';
    const found = problemsOf(text);
    expect(found).to.have.length(2);
    expect(found[0]).to.match(
      /^2 docker\.build_opts\[0\]: "--squash" is not known; allowed are --force-rm, .*--rm/,
    );
    expect(found[1]).to.match(/^3 docker\.tag_opts\[0\]: "-x" is not known; allowed are -f, --force/);
  });

  it('never show what may be a secret', () => {
    const secrets: [line: string, expected: RegExp][] = [
      ['credentials = "user:hunter2"', /must be "secret:<name>".*username:password/],
      [
        'dockercfg_un = "u"\ndockercfg_pass = "hunter2"',
        /dockercfg_pass: must not hold a password.*secret:<name>/,
      ],
      ['dockercfg_un = "user:hunter2"\ndockercfg_pass = "secret:a"', /dockercfg_un: must not have a ":"/],
      ['ssh = "hunter2"', /ssh: must be "secret:<name>"/],
      ['secrets = { npm = "hunter2" }', /secrets\.npm: must be "secret:<name>"/],
      ['secrets = ["env:hunter2"]', /secrets\[0\]: must be "secret:<name>"/],
      [
        'registry = "u:hunter2@quay.io"\nproject = "a"\ntags = ["a"]',
        /registry: must not have a user or a password/,
      ],
    ];
    for (const [line, expected] of secrets) {
      const found = problemsOf(`[[container]]\n${line}\n`);
      expect(found, line).to.have.length(1);
      expect(found[0]).to.match(expected).and.not.contain('hunter2');
    }
    expectOne(
      '[[container]]\ndockercfg_pass = "secret:a"',
      /^2 container\[0\]\.dockercfg_pass: must have dockercfg_un/,
    );
    const both = '[[container]]\ncredentials = "secret:a"\ndockercfg_un = "u"\ndockercfg_pass = "secret:a"';
    expectOne(both, /^2 container\[0\]\.credentials: must not be beside/);
  });

  it('are told once where the globals have them', () => {
    const text = '[container_globals]\ntags = ["a b"]\n[[container]]\n[[container]]\n[[container]]\n';
    expectOne(text, /^2 container_globals\.tags\[0\]: "a b"/);
  });

  it('stand on their line, also deep in TOML and YAML', () => {
    const toml = `# a comment with [[container]]
[container_globals]
labels = {
  a = """
[[container]]
""\\"""""",
  'b.c' = 1, # not a text
}
[[container]]
tags = [ # of many lines
  "a", 'b',

  "c d",
]
[[container]]
"build_args"."A\\u0042" = 07:32:00
  [container.secrets]
  x = ''' '''
`;
    expect(problemsOf(toml).map((line) => line.replace(/: .*/, ''))).to.deep.equal([
      '4 container_globals.labels.a',
      '7 container_globals.labels."b.c"',
      '13 container[0].tags[2]',
      '16 container[1].build_args.AB',
      '18 container[1].secrets.x',
    ]);
    const yaml = `
defaults: &defaults
  tags: [ok,
    not ok]
container:
  - <<: *defaults
    labels:
      x: 1
  - *defaults
`;
    expect(problemsOf(yaml).map((line) => line.replace(/: .*/, ''))).to.deep.equal([
      '2 defaults',
      '4 container[0].tags[1]',
      '4 container[1].tags[1]',
      '8 container[0].labels.x',
    ]);
  });

  it('end soon, whatever is sent', () => {
    const size = 262_144;
    const hostile = [
      '['.repeat(size),
      '{a: '.repeat(size / 4),
      '- '.repeat(size / 2),
      `a${'.a'.repeat(size / 2 - 3)}=1`,
      `a = ${'['.repeat(size - 10)}`,
      'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]',
      `[container_globals]\ntags=[${`"${'{{ a'.repeat(240)}",`.repeat(100)}]\n${'[[container]]\n'.repeat(100)}`,
    ];
    for (const text of hostile) expect(problemsOf(text), text.slice(0, 20)).to.not.be.empty;
    expect(problemsOf(`[[container]]\n${'a'.repeat(30_000)} = 1`)[0]).to.have.length.below(1000);
  });
});
