import { expect } from 'chai';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import { sweep } from '../../../builder/steps/engine/sweep.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { type DebianEngine, startDebianEngine } from '../../project/debianEngine.ts';
import { memoryLog } from '../engine/builds.ts';
import { makeFolder } from '../context/makeFolder.ts';
import { allCommandLines } from '../source/workshop.ts';
import { kitBuild } from './kitBuilds.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

describe('BuildKit of the Docker Engine of Debian 13', function () {
  this.timeout(10 * 60_000);
  let debian: DebianEngine;
  let engine: Engine;

  before(async () => {
    debian = await startDebianEngine('trixie');
    await importBusybox(debian);
    const path = debian.host.replace('unix://', '');
    engine = connectEngine({ name: 'debian13', address: { kind: 'socket', path } });
  });
  after(() => debian?.close());

  it('builds with files, a heredoc and a secret, and asks for no file of the context twice', async () => {
    const folder = await makeFolder({
      Dockerfile: [
        'FROM busybox',
        'COPY a/*.txt /x/',
        'RUN --mount=type=secret,id=token,required <<EOF',
        'wc -c /run/secrets/token',
        'cat /x/ä.txt',
        'EOF',
        '',
      ].join('\n'),
      'a/ä.txt': 'of the file',
      'a/b': 'not asked for',
      '.dockerignore': 'Dockerfile\n',
    });
    const order = { tree: folder.tree, tags: ['acme/kit:1'], secrets: { token: 'sesame' } };
    const first = await kitBuild(engine, order);
    expect(first.fault).to.equal(undefined);
    expect(first.log.text('stdout'))
      .to.match(/^#\d+ 6 \/run\/secrets\/token$/m)
      .and.match(/^#\d+ of the file/m);
    const again = await kitBuild(engine, { ...order, mark: first.mark });
    // This engine wants the Dockerfile and .dockerignore each time.
    expect(again.log.text('system')).to.match(/asked for 2 of \d+ files/);
    await folder.remove();
    const { images } = await sweep(engine, first.mark, { images: true });
    expect(again.result?.id).to.equal(first.result?.id);
    expect(images).to.deep.equal([first.result?.id]);
  });

  it('gives the exit code of a step that fails', async () => {
    const { fault } = await kitBuild(engine, { dockerfile: 'FROM busybox\nRUN exit 7\n' });
    expect(fault).to.include({ reason: 'build_step_failed', exitCode: 7 });
  });

  it('ends a step that is stopped', async () => {
    const stop = new AbortController();
    const log = memoryLog();
    const dockerfile = 'FROM busybox\nRUN echo started; sleep 47150\n';
    const running = kitBuild(engine, { dockerfile, log, signal: stop.signal });
    await waitFor('the RUN speaks', () => /^#\d+ started$/m.test(log.text()));
    stop.abort();
    const { fault, leftover } = await running;
    expect(fault?.reason).to.equal('canceled');
    expect(leftover).to.equal(false);
    await waitFor('the step is gone', () => !allCommandLines().includes('sleep 47150'));
  });
});
