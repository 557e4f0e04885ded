import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { ContainerMessage } from '../../../builder/model/container.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { sharedBed } from '../engine/builds.ts';
import { runOne } from './runs.ts';

describe('The message and the result of a container', () => {
  let engine: Engine;
  before(async () => ({ engine } = await sharedBed()));

  const message = (text: string, way: ContainerMessage['way']): ContainerMessage => ({
    name: 'M',
    text,
    way,
  });
  const sum = (text: string): string => createHash('md5').update(text).digest('hex');
  const long = JSON.stringify(Array.from({ length: 40_000 }, (_, i) => `${i}é`));

  it('goes by a variable up to 128 KiB with name, "=" and the end of the text', async () => {
    const longest = 'x'.repeat(131_072 - 'M='.length - 1);
    const script = 'echo ${#M} $M_FILE; echo end';
    const fits = await runOne(engine, { script, message: message(longest, 'env') });
    expect(fits.log.text('stdout')).to.equal(`${longest.length}\nend\n`);
    const over = await runOne(engine, { script, message: message(`${longest}x`, 'env') });
    expect(over.log.text('stdout')).to.equal('0 /run/docker-builder/message\nend\n');
  });

  for (const bytes of [200 * 1024, 3 * 1024 * 1024])
    it(`goes by a file where it has ${bytes} bytes, into a read-only container of any user`, async () => {
      const text = 'é'.repeat(bytes / 2);
      const script = 'md5sum < $M_FILE; touch /run/docker-builder/x';
      const { log } = await runOne(engine, {
        script,
        message: message(text, 'env'),
        readOnly: true,
        user: '77',
      });
      expect(log.text('stdout')).to.equal(`${sum(text)}  -\n`);
    });

  it('goes by stdin, short, empty or long, and nothing else is there', async () => {
    const all = ['', 'short', long, 'y'.repeat(3_000_000)].map(async (text) => {
      const { log } = await runOne(engine, {
        script: 'md5sum; echo "$M$M_FILE"',
        message: message(text, 'stdin'),
      });
      expect(log.text('stdout')).to.equal(`${sum(text)}  -\n\n`);
    });
    await Promise.all(all);
  });

  it('need not be read', async () => {
    const { result, log } = await runOne(engine, {
      script: 'exec 0<&-; seq 20000',
      message: message('y'.repeat(3_000_000), 'stdin'),
    });
    expect(result).to.not.equal(undefined);
    expect(log.text('stdout').split('\n')).to.have.length(20_001);
  });

  it('is refused with a sentence where the kernel would not take the variables', async () => {
    const one = await runOne(engine, { script: 'true', env: { BIG: 'x'.repeat(131_072) } });
    expect(one.fault).to.include({ reason: 'container_invalid' });
    expect(one.fault?.message).to.contain('BIG is longer than 128 KiB');
    const env = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`V${i}`, 'x'.repeat(120_000)]));
    const all = await runOne(engine, { script: 'true', env });
    expect(all.fault).to.include({ reason: 'container_invalid' });
    expect(all.fault?.message).to.contain('Linux takes 2 MiB');
  });

  it('gives its last line as its result where that is JSON', async () => {
    const good = await runOne(engine, {
      script: 'echo 1; echo \'{"a": [2]}\'; echo; echo err >&2',
      result: 'last_line',
    });
    expect(good.result?.output).to.equal('{"a": [2]}');
    expect(good.events.at(-1)).to.include({ type: 'phase:end', phase: 'push', exitCode: 0 });
    const earlier = await runOne(engine, {
      script: 'echo 7; echo []; echo {; echo done',
      result: 'last_line',
    });
    expect(earlier.result?.output).to.equal('[]');
    const others = ['echo 7; echo done', 'true', 'echo {} >&2'].map(async (script) => {
      const { result } = await runOne(engine, { script, result: 'last_line' });
      expect(result, script).to.not.equal(undefined);
      expect(result, script).to.not.have.property('output');
    });
    await Promise.all(others);
  });

  it('gives a file as its result', async () => {
    const { result } = await runOne(engine, {
      script: `echo '{"é": 1}' > /r.json`,
      result: { file: '/r.json' },
    });
    expect(result?.output).to.equal('{"é": 1}');
  });

  it('fails where the file is not there, not a plain one, no JSON or too long', async () => {
    const scripts = {
      true: 'is not there',
      'ln -s /etc/passwd /r': 'symlink',
      'mkdir /r': 'directory',
      'echo nothing > /r': 'is no JSON',
      'printf "\\377" > /r': 'is no UTF-8 text',
      'head -c 1100000 /dev/zero > /r': 'is longer than 1 MiB',
    };
    const all = Object.entries(scripts).map(async ([script, why]) => {
      const { fault } = await runOne(engine, { script, result: { file: '/r' } });
      expect(fault, script).to.include({ reason: 'result_invalid', phase: 'push' });
      expect(fault?.message).to.contain(why);
    });
    await Promise.all(all);
    const memory = await runOne(engine, {
      script: 'echo {} > /t/r',
      tmpfs: { '/t': 0 },
      result: { file: '/t/r' },
    });
    expect(memory.fault?.message).to.contain('tmpfs');
  });

  it('is not looked for where the command failed', async () => {
    const { fault } = await runOne(engine, { script: 'echo {}; exit 1', result: 'last_line' });
    expect(fault).to.include({ reason: 'command_failed' });
  });
});
