import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { connect, contextOf } from '../builder/engine/builds.ts';
import { type ContainerWorld, openContainerWorld, sh } from '../server/containers/containerWorld.ts';

const run = promisify(execFile);
const mebibyte = 1024 * 1024;
const secret = 'sup3r-"s3cret\\value';
const lines = 'first-line-of-a-key\nsecond-line-of-a-key';

describe('attack: what a program in a container writes', () => {
  let world: ContainerWorld;
  before(async () => {
    world = await openContainerWorld({
      settings: {
        limits: { logBytes: mebibyte },
        secrets: [
          { name: 'token', value: 'env:TOKEN_VALUE', projects: ['acme'] },
          { name: 'number', value: 'env:NUMBER_VALUE', projects: ['acme'] },
          { name: 'key', value: 'env:KEY_VALUE', projects: ['acme'] },
          { name: 'theirs', value: 'env:THEIRS', projects: ['other'] },
        ],
      },
      env: {
        TOKEN_VALUE: secret,
        NUMBER_VALUE: '1234567890',
        KEY_VALUE: lines,
        THEIRS: 'of-another-project',
      },
    });
  });
  after(() => world?.close());

  async function memory(): Promise<number> {
    const status = await readFile(`/proc/${world.server.process.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  it('as its result is a small file of its own, or the run has none', async () => {
    const file = contextOf({
      Dockerfile: [
        'FROM busybox',
        'RUN mkdir /v && ln -s /etc/hostname /v/link && ln -s / /root2 && mkfifo /v/fifo && ln -s /v/loop /v/loop',
        'VOLUME /v',
        '',
      ].join('\n'),
    });
    const signal = new AbortController().signal;
    const query = { version: 1, t: 'evil/results', networkmode: 'none' };
    await text(await connect(world.engine).open({ method: 'POST', path: '/build', query, file, signal }));
    const script = [
      'mkdir -p /r; cd /r; echo 7 > plain; ln plain hard; truncate -s 900G sparse',
      'printf "\\377" > bytes; printf "{" > torn',
      '(head -c 9000 /dev/zero | tr "\\0" "["; head -c 9000 /dev/zero | tr "\\0" "]") > deep',
    ].join('\n');
    const results = {
      '/v/link': /is no regular file but a symlink$/,
      '/v/fifo': /is no regular file but a fifo$/,
      '/v/loop/x': /is not there/,
      '/v': /is no regular file but a directory$/,
      '/root2/etc/passwd': /is no JSON$/,
      '/proc/1/environ': /is not there/,
      '/r/sparse': /is longer than 1 MiB$/,
      '/r/bytes': /is no UTF-8 text$/,
      '/r/torn': /is no JSON$/,
    };
    const container = { image: 'evil/results', command: ['sh', '-c', script] };
    const of = async (path: string) => {
      const id = await world.start({ ...container, result: { file: path } });
      const { status, error, result } = await world.ended(id);
      return { status, error, result, reason: (await world.attempts(id))[0]?.reason };
    };
    await Promise.all(
      Object.entries(results).map(async ([path, error]) => {
        const ended = await of(path);
        expect(ended, path).to.include({ reason: 'result_invalid' });
        expect(ended.error, path).to.match(error);
        expect(ended.result, path).to.equal(undefined);
      }),
    );
    expect((await of('/r/hard')).result).to.deep.equal({ value: 7 });
    // What nobody could write down again is a text.
    expect((await of('/r/deep')).result).to.deep.equal({ value: '['.repeat(9000) + ']'.repeat(9000) });
  });

  it('shows no secret: not in logs, results or errors, and not as broken JSON', async () => {
    const env = { T: 'secret:token', N: 'secret:number', K: 'secret:key' };
    const script = 'echo "$T"; echo "$K" >&2; echo "$T" | base64; echo "{\\"n\\":$N,\\"t\\":1}"; exit $E';
    const ids = await Promise.all([
      world.start({ ...sh(script), env: { ...env, E: '0' }, result: 'last_line' }),
      world.start({ ...sh(script), env: { ...env, E: '3' } }),
      world.start({ image: 'busybox', entrypoint: [secret, '1234567890'], env }),
      world.start({ ...sh('echo "{\\"n\\":$N}" > /r'), env, result: { file: '/r' } }),
    ]);
    for (const id of ids) {
      const ended = await world.ended(id);
      const pages = ['', '/events', '/children'].map((more) => `/v1/runs/${id}${more}`);
      const texts = await Promise.all(
        [`/jobs/${id}/log`, `/jobs/${id}/attempts`, `/v1/job_executions/${id}?fields=*`, ...pages].map(
          async (path) => (await world.server.request(path)).text(),
        ),
      );
      for (const one of [...texts, JSON.stringify(ended)])
        for (const part of [
          'sup3r',
          '1234567890',
          'first-line',
          'second-line',
          Buffer.from(secret).toString('base64').slice(0, 20),
        ])
          expect(one).not.to.contain(part);
    }
    const [first] = await Promise.all(ids.map((id) => world.run(id)));
    expect(first?.['result']).to.deep.equal({ value: '{"n":********,"t":1}' });
  });

  it('of another project’s secrets is nothing, however they are asked for', async () => {
    const wishes = [
      { ...sh('echo $S'), env: { S: 'secret:theirs' } },
      { image: '127.0.0.1:9/x:1', credentials: { username: 'secret:token', password: 'secret:theirs' } },
    ];
    for (const wish of wishes) {
      const id = await world.start(wish);
      await world.ended(id);
      expect((await world.attempts(id)).map(({ reason }) => reason)).to.deep.equal(['secret_refused']);
      expect((await world.log(id)).join('\n')).not.to.contain('of-another-project');
    }
    const id = await world.start({ ...sh('echo "$S"'), env: { S: ' secret:theirs', 'A.b-c': '=\n=' } });
    await world.ended(id);
    expect(await world.log(id)).to.include(' secret:theirs');
  });

  it('without an end costs a bounded amount, and ends with a cancel', async () => {
    const before = await memory();
    const flood = 'trap "" TERM; echo begun; ';
    const ids = await Promise.all([
      world.start({
        ...sh(`${flood} yes "$(seq 1 30 | tr "\\n" " ")" & while :; do :; done`),
        stop_grace_secs: 1,
      }),
      world.start({ ...sh(`${flood} cat /dev/zero | tr "\\0" x`), stop_grace_secs: 1, result: 'last_line' }),
    ]);
    await Promise.all(ids.map((id) => world.printed(id, /begun|1 2 3/)));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await world.server.request('/health')).status).to.equal(200);
    await Promise.all(ids.map((id) => world.cancel(id)));
    for (const id of ids) expect((await world.ended(id))['status']).to.equal('canceled');
    await world.nothingLeft();
    expect((await memory()) - before).to.be.lessThan(150 * mebibyte);
    const { stdout } = await run('du', ['-sb', join(world.server.data, 'logs')]);
    expect(Number.parseInt(stdout, 10)).to.be.lessThan(8 * mebibyte);
  });

  it('for terminals and pages is text in every form of its log', async () => {
    const script = `printf '\\033]0;title\\007\\033[2J<script>alert(1)</script>\\r\\n\\000\\001\\302\\233\\n</body>"]}\\n'`;
    const id = await world.start(sh(script));
    await world.ended(id);
    const { results } = (await (
      await world.server.request('/job-executions/?order=-id&page_size=1')
    ).json()) as {
      results: { id: number }[];
    };
    const at = `/job-executions/${results[0]?.id}/logs/`;
    const html = await world.server.request(`${at}combined/?format=html`);
    expect(html.headers.get('content-security-policy')).to.match(/^default-src 'none'; style-src 'sha256-/);
    const page = await html.text();
    expect(page)
      .to.contain('&lt;script&gt;')
      .and.not.to.contain('<script')
      .and.not.to.match(/<\/body>"/);
    const plain = await world.server.request(`${at}stdout/?format=txt`);
    expect(plain.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    expect(plain.headers.get('x-content-type-options')).to.equal('nosniff');
    const whole = (await (await world.server.request(at)).json()) as { stdout: string };
    expect(whole.stdout).to.contain('</body>"]}\n').and.not.to.contain('\u0001');
  });
});
