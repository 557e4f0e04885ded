import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../server/cli/arguments.ts';
import { runLint } from '../../../server/cli/lint.ts';
import { command } from './command.ts';

describe('docker-builder lint', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbs-lint-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('praises a good Bobfile, and tells what has no effect', async () => {
    await writeFile(
      join(folder, 'Bobfile'),
      '[[container]]\nname = "a"\nexcluded = ["x"]\n[[container]]\nname = "b"\n',
    );
    expect(await command(folder, ['lint'])).to.deep.equal({
      code: 0,
      out:
        'Bobfile:3: container[0].excluded: note: has no effect: .dockerignore says what is left out of a context\n' +
        'Bobfile: good: images a, b\n',
      err: '',
    });
  });

  it('ends with 1 and a line for each problem', async () => {
    await writeFile(join(folder, 'ci.yml'), 'container:\n- dockerfil: a\n  tags: [a b]\n- ~\n');
    const { code, out, err } = await command(folder, ['lint', 'ci.yml']);
    expect({ code, err }).to.deep.equal({ code: 1, err: '' });
    expect(out.split('\n')).to.have.length(4);
    expect(out).to.match(
      /^ci\.yml:2: container\[0\]\.dockerfil: is not known; did you mean Dockerfile\?\nci\.yml:3: /,
    );
    await writeFile(join(folder, 'large'), Buffer.alloc(5_000_000, '#'));
    expect(await command(folder, ['lint', 'large'])).to.deep.equal({
      code: 1,
      out: 'large: must have at most 262144 bytes\n',
      err: '',
    });
  });

  it('takes a folder for the Bobfile in it, and says of what is no UTF-8 text just that', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    expect((await command(folder, ['lint', 'inner'])).err).to.match(
      /: inner\/Bobfile cannot be read: ENOENT/,
    );
    for (const bytes of [Buffer.from('container: []', 'utf16le'), Buffer.from('\x7fELF\xff\xfe', 'latin1')]) {
      await writeFile(join(inner, 'Bobfile'), bytes);
      expect(await command(folder, ['lint', 'inner'])).to.deep.equal({
        code: 1,
        out: 'inner/Bobfile: is no UTF-8 text: save it as one\n',
        err: '',
      });
    }
    await writeFile(join(inner, 'Bobfile'), '[[container]]\nname = "a"\nbuild_args = { A = "é" }\n');
    expect((await command(inner, ['lint', '.'])).out).to.equal('Bobfile: good: image a\n');
  });

  it('ends with 2 where there is nothing to read', async () => {
    const { code, out, err } = await command(folder, ['lint', 'missing']);
    expect({ code, out }).to.deep.equal({ code: 2, out: '' });
    expect(err).to.match(/^docker-builder: missing cannot be read: .+\n$/);
    for (const args of [[join(folder, 'missing')], ['a', 'b'], ['--fix']])
      expect(await runLint(args).catch((error: unknown) => error)).to.be.instanceOf(UsageError);
  });

  it('explains itself', async () => {
    const { code, out } = await command(folder, ['lint', '--help']);
    expect(code).to.equal(0);
    expect(out).to.match(/^docker-builder lint \[file=Bobfile\]\n/);
  });
});
