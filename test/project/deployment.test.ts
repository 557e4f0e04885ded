import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readEnvironment } from '../../server/config/environment.ts';

interface Service {
  hostname?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  stop_grace_period?: string;
  healthcheck?: { test: string[] };
}

const project = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(project, file), 'utf8');

/** What the first lines of compose.yaml put into `.env`. */
const dotEnv: Record<string, string> = {
  POSTGRES_PASSWORD: 'abc',
  DOCKER_BUILDER_DATABASE: 'postgres://docker-builder:abc@postgres/docker-builder',
  DOCKER_BUILDER_SECRETKEY: '00'.repeat(32),
  DOCKER_BUILDER_TOKEN: 'token',
  DOCKER_GID: '998',
};

/** `${NAME}`, `${NAME:-default}` and `${NAME:?sentence}`, as compose reads them; fails where a needed one is missing. */
function interpolated(text: string): string {
  return text.replace(
    /\$\{(\w+)(?::([-?])([^{}]*))?\}/g,
    (_, name: string, kind?: string, rest: string = '') => {
      const value = dotEnv[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`${name} is in neither .env nor compose.yaml`);
      return value;
    },
  );
}

describe('compose.yaml', () => {
  // Values are put in when the text is parsed already: whatever they look like, they are texts.
  const put = (_: unknown, value: unknown) => (typeof value === 'string' ? interpolated(value) : value);
  const { services, volumes } = parse(read('compose.yaml'), put, { merge: true }) as {
    services: Record<string, Service>;
    volumes: object;
  };
  const members = Object.entries(services).filter(
    ([, { environment = {} }]) => 'DOCKER_BUILDER_ROLE' in environment,
  );

  it('names each variable in its first lines that it needs', () => {
    const comment = read('compose.yaml').replace(/^[^#].*$/gm, '');
    for (const name of Object.keys(dotEnv)) expect(comment).to.include(`${name}=`);
  });

  it('has two servers and a worker, whose variables the program takes', () => {
    const machine = { cores: 2, terminal: false };
    const roles = members.map(([, { environment = {} }]) => {
      // As the Dockerfile sets it: others are let in, so that a token must be there.
      const environment_ = readEnvironment({ ...environment, DOCKER_BUILDER_LISTEN: '0.0.0.0' }, machine);
      return environment_.role;
    });
    expect(roles).to.deep.equal(['server', 'server', 'worker']);
    expect(members.map(([, { hostname }]) => hostname)).to.deep.equal(['server-1', 'server-2', 'worker']);
  });

  it('gives who stops more time than it may take', () => {
    for (const [, { environment = {}, stop_grace_period = '' }] of members) {
      const { drainMs, graceMs } = readEnvironment(environment, { cores: 2, terminal: false });
      expect(Number.parseInt(stop_grace_period, 10) * 1000).to.be.greaterThan(drainMs + graceMs + 10_000);
    }
  });

  it('asks whether a member is ready in words that Node understands', () => {
    for (const [, { healthcheck }] of members) {
      const [how, program, flag, script = ''] = healthcheck?.test ?? [];
      expect([how, program, flag]).to.deep.equal(['CMD', 'node', '-e']);
      expect(script).to.include('/readyz');
      expect(() => new Script(script)).not.to.throw();
    }
  });

  it('names nothing that is not there', () => {
    const names = Object.values(services).flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect(Object.keys(services)).to.include.members(names);
    for (const [host = ''] of Object.values(services).flatMap((one) => mountsOf(one)))
      if (host.startsWith('./')) expect(existsSync(path.join(project, host)), host).to.equal(true);
      else if (!host.startsWith('/')) expect(volumes).to.have.property(host);
    const [, upstreams = ''] = /reverse_proxy (.*) \{/.exec(read('examples/cluster/Caddyfile')) ?? [];
    const servers = upstreams.split(' ').map((one) => one.split(':'));
    for (const [server = '', port] of servers) {
      expect(services).to.have.property(server);
      expect(read('Dockerfile')).to.include(`DOCKER_BUILDER_PORT=${port}`);
    }
    expect(servers).to.have.length(2);
  });
});

function mountsOf({ volumes = [] }: Service): string[][] {
  return volumes.map((volume) => volume.split(':'));
}

describe('the systemd units', () => {
  const folder = 'examples/systemd';

  it('start the program with flags and variables that it has', async () => {
    for (const name of await readdir(path.join(project, folder))) {
      const unit = read(path.join(folder, name)).replace(/^#.*$/gm, '').replaceAll('%i', 'alpha');
      const variables = [...unit.matchAll(/\b(DOCKER_BUILDER_[A-Z]+)=(\S+)/g)].map(([, key, value]) => [
        key,
        value,
      ]);
      const environment = readEnvironment(Object.fromEntries(variables) as Record<string, string>);
      expect(unit).to.include(`StateDirectory=${path.basename(environment.dataFolder)}\n`);
      expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1000).to.be.greaterThan(
        environment.graceMs + 10_000,
      );
    }
  });

  it('are understood by systemd, where it is on this machine', async function () {
    if (!existsSync('/usr/bin/systemd-analyze')) this.skip();
    const copies = await mkdtemp(path.join(tmpdir(), 'units-'));
    // The folder of the project may have a blank in its name.
    const program = path.join(copies, 'program');
    await symlink(project, program);
    try {
      const names = await readdir(path.join(project, folder));
      for (const name of names) {
        const unit = read(path.join(folder, name)).replaceAll('/opt/docker-builder', program);
        await writeFile(path.join(copies, name), unit);
      }
      const files = names.map((name) => path.join(copies, name));
      const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', ...files]);
      expect(stderr).to.equal('');
    } finally {
      await rm(copies, { recursive: true, force: true });
    }
  });
});
