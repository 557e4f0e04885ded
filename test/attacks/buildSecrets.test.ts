import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { allFiles } from '../builder/source/workshop.ts';
import { buildJob, getJob, type JobView, postJob, tailOf, untilEnded } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import type { TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { insidesOf, openSecretWorld, type SecretWorld, users } from './secretWorld.ts';
import { allNeedles, hookSecret, printedForms, short, values } from './secretValues.ts';

const { hookSecret: _unreachable, ...reachable } = { ...values, hookSecret };

/** A build that is given a secret of every kind, and prints what it can of each in every form. */
describe('secrets of builds', () => {
  let given: SecretWorld;
  let job: JobView;
  /** What the build's readers, and the world's other places, have seen: by the place. */
  const seen = new Map<string, string>();

  before(async () => {
    given = await openSecretWorld();
    const { world, hosts } = given;
    await createRepository(world.git, 'acme/base', {
      Bobfile: `[[container]]\nregistry = "${hosts.robot.host}/team"\nproject = "base"\ntags = ["latest"]\n`,
      Dockerfile: 'FROM busybox\nRUN true\n',
    });
    const base = await buildJob(world.server, { account: 'acme', repo: 'base', ref: 'main' });
    expect(base.status, base.error).to.equal('completed');
    await createRepository(world.git, 'acme/all', filesOf(given));
    await given.makeJob();
    job = await watchedBuild(given, seen);
  });
  after(() => given[Symbol.asyncDispose]());

  it('are all used', async () => {
    expect(job.status, `${job.error}\n${await tailOf(given.world.server, job.id, 60)}`).to.equal('completed');
    const sent = ({ requests }: { requests: readonly { authorization: string | undefined }[] }) => [
      ...new Set(requests.flatMap(({ authorization }) => authorization ?? [])),
    ];
    for (const [user, front] of Object.entries(given.hosts))
      expect(sent(front), user).to.deep.equal([basicOf(user)]);
    const git = given.world.git.requests.flatMap(({ authorization }) => authorization ?? []);
    expect(git.map((header) => Buffer.from(header.slice(6), 'base64').toString())).to.include.members([
      `x-access-token:${values.apiToken}`,
      `robot:${values.gitCredential}`,
    ]);
    const log = seen.get('log') ?? '';
    expect(log.split('********').length).to.be.above(200);
    expect(log).to.contain(`short: ${short}\n`).and.contain('the key is there');
  });

  it('are in no answer, stream, webhook or process, and in no log', () => {
    for (const place of ['log', 'tail', 'websocket', 'events', 'run events', 'processes', 'webhook'])
      expect(seen.get(place), place).to.be.a('string').and.not.equal('');
    expect(seen.get('processes')).to.contain('git').and.contain('docker-credential-test');
    for (const [place, text] of seen) expectNothing(place, text);
    expectNothing('the log of the server', given.world.server.output());
  });

  it('do not show where a line was cut in the middle of one', () => {
    const cut = (seen.get('log') ?? '').match(/^.*x{100}.* … \[cut: \d+ bytes\]$/gm) ?? [];
    expect(cut).to.have.length(4);
    for (const line of cut) expect(line).to.match(/x\*{8} … \[cut/);
  });

  it('are in no file of the data folder', async () => {
    const { server } = given.world;
    expectNothing('the data of the running server', await allFiles(server.data));
    expect(readdirSync(server.data)).to.include('settings.json');
  });

  it('are in no layer and no history of an image', async () => {
    const run = JSON.parse(seen.get(`/v1/runs/${job.id}`) ?? '{}') as {
      result?: { images?: { id: string }[] };
    };
    const ids = (run.result?.images ?? []).map(({ id }) => id);
    expect(ids).to.have.length(2);
    const insides = await insidesOf(given.world, ids);
    expect(insides).to.contain('print.sh');
    expectNothing('the images', insides);
  });
});

function basicOf(user: string): string {
  const password = (users as Record<string, string>)[user] ?? '';
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function expectNothing(place: string, text: string): void {
  for (const [name, needle] of allNeedles()) {
    const at = text.indexOf(needle);
    expect(at < 0 ? '' : `${name}: …${text.slice(Math.max(0, at - 80), at + 80)}…`, place).to.equal('');
  }
}

function filesOf({ hosts, registry }: SecretWorld): Record<string, string> {
  const base = ({ host }: { host: string }) => `${host}/team/base`;
  return {
    Bobfile: `
      container:
        - name: classic
          builder: classic
          Dockerfile: classic.Dockerfile
          registry: '${hosts.robot.host}/team'
          project: classic
          tags: [x]
        - name: kit
          builder: buildkit
          Dockerfile: kit.Dockerfile
          registry: '${registry.host}/team'
          project: kit
          tags: [x]
          dockercfg_un: pusher
          dockercfg_pass: 'secret:push'
          secrets: { npm: 'secret:npm', pem: 'secret:pem', short: 'secret:short' }
          ssh: 'secret:deploy'`,
    'classic.Dockerfile': [
      `FROM ${base(hosts.cfg)} AS cfg`,
      `FROM ${base(hosts.file)} AS file`,
      `FROM ${base(hosts.helper)} AS helper`,
      `FROM ${base(hosts.robot)}`,
      'COPY . /src',
      'RUN sh /src/print.sh\n',
    ].join('\n'),
    'kit.Dockerfile': [
      `FROM ${base(hosts.helper)} AS helper`,
      `FROM ${base(hosts.cfg)}`,
      'COPY --from=helper /bin/true /helper-true',
      'COPY print.sh /print.sh',
      'RUN --mount=type=bind,target=/src --mount=type=secret,id=npm --mount=type=secret,id=pem --mount=type=secret,id=short --mount=type=ssh sh /src/kit.sh\n',
    ].join('\n'),
    'print.sh': printing,
    'kit.sh': `cd /run/secrets
for file in npm pem; do cat $file; echo; base64 $file; base64 -w0 $file; echo; sed 's/^/# /' $file; echo; done
cut -d= -f2 npm >&2
echo "short: $(cat short)"
test -S "$SSH_AUTH_SOCK" && echo the key is there
sh -x -c 'echo "$(cat npm)"'
sh /src/print.sh
`,
    coded: coded(),
    long: Object.values({ a: values.settingsRegistry, b: values.gitCredential })
      .map((value) => octal(value))
      .join('\n')
      .concat('\n'),
  };
}

/** Prints each text in two writes; and lines that are cut within a secret. */
const printing = `cd /src
while read -r one two; do printf %b "$one"; usleep 2000; printf '%b\\n' "$two"; done < coded
while read -r one; do head -c 65530 /dev/zero | tr '\\0' x; printf '%b\\n' "$one"; done < long
`;

/** The texts so that the repository has none of them, and the shell can print each. */
function coded(): string {
  const texts = Object.values(reachable).flatMap(printedForms);
  const lines = texts.map((text) => {
    const middle = Math.floor(text.length / 2);
    return `${octal(text.slice(0, middle))} ${octal(text.slice(middle))}\n`;
  });
  return lines.join('');
}

function octal(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
}

/** Builds once with a token of the request, once with what the settings have, and looks on from everywhere. */
async function watchedBuild({ world, receiver }: SecretWorld, seen: Map<string, string>): Promise<JobView> {
  const { server } = world;
  const request = { account: 'acme', repo: 'all', ref: 'main' };
  const stop = new AbortController();
  const processes = watchProcesses(server, stop.signal);
  const { id } = await postJob(server, { ...request, api_token: values.apiToken });
  const streams = [readWebSocket(server, id), textOf(server, `/jobs/${id}/stream?from=1`)];
  const runEvents = textOf(server, `/v1/runs/${id}/stream?logs=true`);
  await untilEnded(server, id);
  const [websocket = '', events = ''] = await Promise.all(streams);
  seen
    .set('websocket', websocket)
    .set('events', events)
    .set('run events', await runEvents);
  // A commit that is there already needs no credential: this one is asked for by another's name.
  await buildJob(server, { ...request, ref: 'refs/heads/main' });
  stop.abort();
  seen.set('processes', await processes);
  seen.set('log', await textOf(server, `/jobs/${id}/log`)).set('tail', await tailOf(server, id));
  await waitFor('the webhooks', () => receiver.received.length >= 2);
  seen.set(
    'webhook',
    receiver.received.map(({ body, headers }) => `${body.toString()} ${JSON.stringify(headers)}`).join('\n'),
  );
  await readAnswers(server, id, seen);
  return getJob(server, id);
}

async function readAnswers(server: TestServer, id: string, seen: Map<string, string>): Promise<void> {
  const run = `/v1/runs/${id}`;
  const paths = ['/jobs?limit=all', `/jobs/${id}`, `/jobs/${id}/attempts`, `/jobs/${id}/lines?from=1&to=500`];
  const lists = ['/v1/runs', run, `${run}/events`, '/v1/jobs?project_id=acme', '/images', '/health'];
  for (const path of [...paths, ...lists]) {
    const response = await server.request(path);
    expect(response.status, path).to.equal(200);
    seen.set(path, await response.text());
  }
  const images = JSON.parse(seen.get('/images') ?? '[]') as { id: number }[];
  expect(images.length).to.be.above(2);
  for (const { id: image } of images)
    for (const path of [`/images/${image}`, `/images/${image}/provenance`])
      seen.set(path, await textOf(server, path));
}

async function textOf(server: TestServer, path: string): Promise<string> {
  return (await server.request(path)).text();
}

function readWebSocket({ port }: TestServer, id: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/jobs/${id}/tail?from=1`);
  let text = '';
  return new Promise((resolve, reject) => {
    socket.on('message', (data: Buffer) => (text += data.toString()));
    socket.once('error', reject).once('close', () => resolve(text));
  });
}

/** The arguments of all that the server started, looked at again and again. */
async function watchProcesses({ process: { pid } }: TestServer, signal: AbortSignal): Promise<string> {
  const lines = new Set<string>();
  while (!signal.aborted) {
    for (const child of descendants(String(pid)))
      lines.add(read(`/proc/${child}/cmdline`).replaceAll('\0', ' '));
    await pause(4);
  }
  return [...lines].join('\n');
}

function descendants(pid: string): string[] {
  const tasks = listed(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean),
  );
  return children.concat(children.flatMap(descendants));
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
