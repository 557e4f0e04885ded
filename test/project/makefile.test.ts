import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(import.meta.dirname, '../..');
const run = promisify(execFile);
const targets = ['demo', 'start', 'test', 'test-compat', 'check', 'bench', 'bench-faults', 'help'];

describe('make', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'a folder with spaces '));
    await cp(path.join(root, 'Makefile'), path.join(folder, 'Makefile'));
    await cp(path.join(root, 'scripts'), path.join(folder, 'scripts'), { recursive: true });
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('lists its targets when asked for nothing', async () => {
    const { stdout } = await run('make', [], { cwd: folder });
    for (const target of targets) expect(stdout).to.match(new RegExp(`^  make ${target} +\\w`, 'm'));
  });

  it('says what to do where npm is needed and missing', async () => {
    const env = { PATH: path.join(folder, 'bin') };
    await run('mkdir', ['bin'], { cwd: folder });
    for (const program of ['sh', 'dirname', 'cmp'])
      await run('sh', ['-c', `ln -s "$(command -v ${program})" bin/`], { cwd: folder });
    const { stderr } = await run('scripts/run.sh', ['node', '-v'], { cwd: folder, env }).catch(
      (error: unknown) => {
        return error as { stderr: string };
      },
    );
    expect(stderr).to.include('npm is not on this machine').and.to.include('Install Node.js 24');
  });
});
