import { expect } from 'chai';
import { type Environment, readEnvironment } from '../../../server/config/environment.ts';
import { refuseUnguarded } from '../../../server/config/guard.ts';
import { ConfigError } from '../../../server/config/mistakes.ts';

const machine = { cores: 4, terminal: false };

function read(values: Record<string, string>): Environment {
  const env = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`DOCKER_BUILDER_${name}`, value]),
  );
  return readEnvironment({ PATH: '/bin', ...env }, machine);
}

function mistakesOf(values: Record<string, string>): string[] {
  try {
    read(values);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.mistakes.map(({ place, problem }) => `${place.replace('DOCKER_BUILDER_', '')} ${problem}`);
    throw error;
  }
  return [];
}

describe('environment', () => {
  it('has a default for everything', () => {
    expect(read({})).to.deep.equal({
      port: 5000,
      listen: '127.0.0.1',
      dataFolder: './data',
      database: undefined,
      role: 'all',
      name: undefined,
      labels: {},
      token: undefined,
      basic: undefined,
      gitUrl: 'https://github.com/{account}/{repo}.git',
      gitToken: undefined,
      github: { on: true, secret: undefined },
      travis: { on: true, token: undefined },
      skipPush: false,
      logLevel: 'info',
      logFormat: 'json',
      publicUrl: undefined,
      archiveAfterMs: 0,
      graceMs: 30_000,
      drainMs: 0,
      timeoutSecs: 1800,
      leaseMs: 60_000,
      slots: 4,
      httpSlots: 64,
      allowPrivate: false,
      secretKey: undefined,
      registry: undefined,
    });
  });

  it('reads every variable', () => {
    const environment = read({
      PORT: '0',
      LISTEN: '0.0.0.0',
      DATA: '/var/lib/builder',
      DATABASE: 'postgres://me:p%40ss@db.example:5433/builder?sslmode=require',
      ROLE: 'Worker',
      NAME: 'big-one',
      LABELS: 'platform=linux/amd64,linux/arm64, disk=ssd',
      TOKEN: 't0ken',
      GIT_URL: 'http://127.0.0.1:8080/{account}/{repo}.git',
      APITOKEN: 'gitT0ken',
      USERNAME: 'me',
      PASSWORD: 'pass word:1',
      GITHUBSECRET: 'hub secret',
      TRAVISTOKEN: 'travis',
      NOGITHUB: 'true',
      NOTRAVIS: '1',
      SKIPPUSH: 'Yes',
      LOGLEVEL: 'W',
      LOGFORMAT: 'text',
      PUBLIC_URL: 'https://builds.example/x',
      SLEEPTIME: '600',
      GRACE: '0',
      DRAIN: '5',
      TIMEOUT: '60',
      LEASE: '2',
      CONCURRENCY: '9',
      HTTPCONCURRENCY: '8',
      ALLOW_PRIVATE: '1',
      SECRETKEY: 'ab'.repeat(32),
      CFGUN: 'robot',
      CFGPASS: 'p',
      CFGEMAIL: 'r@x.example',
      CFGHOST: 'Quay.io',
    });
    expect(environment).to.deep.include({
      port: 0,
      listen: '0.0.0.0',
      dataFolder: '/var/lib/builder',
      database: 'postgres://me:p%40ss@db.example:5433/builder?sslmode=require',
      role: 'worker',
      name: 'big-one',
      labels: { platform: 'linux/amd64,linux/arm64', disk: 'ssd' },
      basic: { username: 'me', password: 'pass word:1' },
      github: { on: false, secret: 'hub secret' },
      travis: { on: false, token: 'travis' },
      skipPush: true,
      logLevel: 'warn',
      logFormat: 'text',
      archiveAfterMs: 600_000,
      graceMs: 0,
      drainMs: 5000,
      timeoutSecs: 60,
      leaseMs: 2000,
      slots: 9,
      httpSlots: 8,
      allowPrivate: true,
      secretKey: 'ab'.repeat(32),
      registry: { host: 'quay.io', username: 'robot', password: 'p', email: 'r@x.example' },
    });
    expect(environment.publicUrl?.href).to.equal('https://builds.example/x');
  });

  it('writes for people on a terminal, for programs elsewhere', () => {
    expect(readEnvironment({}, { cores: 1, terminal: true }).logFormat).to.equal('text');
    expect(readEnvironment({}, { cores: 1, terminal: false }).logFormat).to.equal('json');
  });

  it('takes an empty variable as none, and leaves those of others alone', () => {
    expect(read({ PORT: '', USERNAME: '', PASSWORD: '', HOST: 'x', CFGUN: '' }).port).to.equal(5000);
  });

  it('tells every mistake at once', () => {
    const mistakes = mistakesOf({
      PORT: '70000',
      LOGLEVEL: 'loud',
      USERNAME: 'me',
      NOGITHUB: 'perhaps',
      PROT: '1',
    });
    expect(mistakes.toSorted().map((text) => text.split(' ')[0])).to.deep.equal([
      'LOGLEVEL',
      'NOGITHUB',
      'PASSWORD',
      'PORT',
      'PROT',
    ]);
  });

  const wrong: [values: Record<string, string>, mistake: RegExp][] = [
    [{ PORT: '5000x' }, /^PORT must be a whole number from 0 to 65535$/],
    [{ GRACE: '-1' }, /^GRACE must be a whole number/],
    [{ TIMEOUT: '0' }, /^TIMEOUT must be/],
    [{ LISTEN: 'not a host', TOKEN: 'x' }, /^LISTEN must be an address or a host name/],
    [{ USERNAME: 'me' }, /^PASSWORD must be set too/],
    [{ PASSWORD: 'secret' }, /^USERNAME must be set too/],
    [{ USERNAME: 'a:b', PASSWORD: 'x' }, /^USERNAME must not have a ":"/],
    [{ TOKEN: 'with space' }, /^TOKEN must be made of printable/],
    [{ GIT_URL: 'https://github.com/{account}/x.git' }, /^GIT_URL must have \{repo\}/],
    [{ GIT_URL: 'https://{account}.example/{repo}' }, /^GIT_URL must be a plain http/],
    [{ GIT_URL: 'https://me:pw@host/{account}/{repo}' }, /^GIT_URL must be a plain http/],
    [{ GIT_URL: 'ext::sh -c {account} {repo}' }, /^GIT_URL must be a plain http/],
    [{ GIT_URL: 'file:///srv/{account}/{repo}' }, /^GIT_URL must be a plain http/],
    [{ PUBLIC_URL: 'builds.example' }, /^PUBLIC_URL must be an http or https address/],
    [{ DATABASE: 'mysql://me@host/builder' }, /^DATABASE must begin with postgres:\/\/, or be the path/],
    [{ DATABASE: 'postgres://me@host/builder?schema=x' }, /^DATABASE may have sslmode and host after/],
    [{ ROLE: 'boss' }, /^ROLE must be one of all, server, worker$/],
    [
      { ROLE: 'worker' },
      /^ROLE is worker, and only processes on one PostgreSQL .* set DOCKER_BUILDER_DATABASE to/,
    ],
    [{ ROLE: 'server', DATABASE: './x.sqlite' }, /^ROLE is server, and only processes on one PostgreSQL/],
    [{ NAME: 'a b' }, /^NAME must be made of letters/],
    [{ LABELS: 'gpu' }, /^LABELS must be name=value,name=value/],
    [{ LABELS: 'a=b,c' }, /^LABELS must be name=value,name=value/],
    [{ LABELS: 'a=b,a=c' }, /^LABELS must be name=value,name=value, each name once/],
    [{ LABELS: 'a b=c' }, /^LABELS must have names of letters/],
    [{ LABELS: 'a=' }, /^LABELS must have .* values of 1 to 255 characters/],
    [{ SECRETKEY: 'short' }, /^SECRETKEY must be 64 hex digits/],
    [{ LOGFORMAT: 'xml' }, /^LOGFORMAT must be one of text, /],
    [{ GITURL: 'x' }, /^GITURL is not known; did you mean DOCKER_BUILDER_GIT_URL\?$/],
    [{ port: '1' }, /^port is not known; did you mean DOCKER_BUILDER_PORT\?$/],
    [{ NOTHING_LIKE_IT: '1' }, /^NOTHING_LIKE_IT is not known; remove it$/],
  ];
  for (const [values, mistake] of wrong)
    it(`refuses ${JSON.stringify(values)}`, () => {
      const mistakes = mistakesOf(values);
      expect(mistakes).to.have.length(1);
      expect(mistakes[0]).to.match(mistake);
    });

  for (const listen of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1'])
    it(`needs no credential to listen on ${listen}`, () => refuseUnguarded(read({ LISTEN: listen }), false));

  it('needs one credential or an API key to listen elsewhere', () => {
    const refusal = /^DOCKER_BUILDER_LISTEN: lets others reach the server: set DOCKER_BUILDER_TOKEN/;
    for (const listen of ['0.0.0.0', '::', 'builder.example'])
      expect(() => refuseUnguarded(read({ LISTEN: listen, GITHUBSECRET: 'x' }), false)).to.throw(
        ConfigError,
        refusal,
      );
    refuseUnguarded(read({ LISTEN: '0.0.0.0', TOKEN: 'x' }), false);
    refuseUnguarded(read({ LISTEN: '0.0.0.0', USERNAME: 'x', PASSWORD: 'y' }), false);
    refuseUnguarded(read({ LISTEN: '0.0.0.0' }), true);
  });

  it('never tells the value of a secret', () => {
    const error = [
      { TOKEN: 'hush hush' },
      { SECRETKEY: 'hush hush' },
      { PASSWORD: 'hush hush' },
      { DATABASE: 'postgres://me:hush/hush@host/builder' },
    ].flatMap(mistakesOf);
    expect(error).to.have.length(4);
    expect(error.join()).to.not.include('hush');
  });
});
