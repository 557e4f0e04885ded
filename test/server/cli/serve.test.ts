import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, type Ended } from './command.ts';

describe('docker-builder serve', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const serve = (args: string[], env: Record<string, string> = {}): Promise<Ended> =>
    command(folder, ['serve', ...args], env);

  it('says what it takes, and leaves nothing behind', async () => {
    const { code, out } = await serve(['--help']);
    expect(code).to.equal(0);
    expect(out).to.contain('--role all|server|worker').and.contain('--labels').and.contain('--name');
    expect(existsSync(join(folder, 'data'))).to.equal(false);
  });

  it('refuses a role without the database that it shares, by the name of what was typed', async () => {
    const { code, err } = await serve(['--role', 'worker']);
    expect(code).to.equal(2);
    expect(err).to.match(/^docker-builder: --role: is worker, .* set DOCKER_BUILDER_DATABASE to postgres:/);
  });

  it('takes a flag before the variable, and tells of the variable where that is wrong', async () => {
    const env = { DOCKER_BUILDER_ROLE: 'boss', DOCKER_BUILDER_NAME: 'no name' };
    const { code, err } = await serve(['--role=server', '--labels', 'x'], env);
    expect(code).to.equal(2);
    for (const sentence of [
      '--labels: must be name=value',
      '--role: is server',
      'DOCKER_BUILDER_NAME: must be',
    ])
      expect(err).to.contain(sentence);
    expect(err).to.not.contain('boss');
  });

  it('refuses what it does not know', async () => {
    for (const args of [['--rule', 'all'], ['all']]) {
      const { code, err } = await serve(args);
      expect(code).to.equal(2);
      expect(err)
        .to.match(/^docker-builder: /)
        .and.not.match(/\n {4}at /);
    }
  });
});
