import { expect } from 'chai';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type DebianEngine, startDebianEngine } from './debianEngine.ts';

const demo = path.join(import.meta.dirname, '../../scripts/demo.ts');

describe('the Docker Engine of Debian 13', function () {
  this.timeout(10 * 60_000);
  let engine: DebianEngine | undefined;

  before(async () => {
    engine = await startDebianEngine('trixie');
  });

  after(() => engine?.close());

  it('builds the example: request, log and image', async () => {
    const env = { ...process.env, DOCKER_HOST: engine?.host, ONCE: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, [demo], { env });
    expect(stdout).to.match(/Docker Engine (?!20\.)\d+\./);
    expect(stdout).to.match(/^ {2}✓ 6 of 6: watch\.html/m);
    expect(stdout).to.match(/^ {2}Image +[0-9a-f]{12} /m);
  });
});
