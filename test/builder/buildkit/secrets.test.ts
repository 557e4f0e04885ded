import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { folderTree } from '../../../builder/steps/source/folderTree.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { sharedBed } from '../engine/builds.ts';
import { kitBuild } from './kitBuilds.ts';
import { makeKey } from './sshKeys.ts';

const run = promisify(execFile);

describe('secrets of a build with BuildKit', () => {
  let engine: Engine;
  let test: TestEngine;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });

  it('are there for the step that asks by their id, and in no image, history or log', async () => {
    const value = 'line one of it\nline two: 47ß11\n';
    const { result, fault, log } = await kitBuild(engine, {
      dockerfile:
        'FROM busybox\nRUN --mount=type=secret,id=token wc -c /run/secrets/token; md5sum /run/secrets/token\n',
      secrets: { token: value },
      tags: ['acme/secret:1'],
    });
    expect(fault).to.equal(undefined);
    expect(log.text('stdout')).to.match(/^#\d+ 32 \/run\/secrets\/token$/m);
    const history = await test.docker('history', '--no-trunc', 'acme/secret:1');
    const files = await test.docker('run', '--rm', '--network=none', 'acme/secret:1', 'find', '/run');
    for (const text of [history, files, log.text(), JSON.stringify(result)])
      expect(text).not.to.include('47ß11');
    expect(files).not.to.include('token');
  });

  it('that the build was not given fail it, also where the settings refuse them', async () => {
    const dockerfile = 'FROM busybox\nRUN --mount=type=secret,id=other,required true\n';
    const unknown = await kitBuild(engine, { dockerfile, secrets: { token: 'some value' } });
    expect(unknown.fault?.reason).to.equal('build_step_failed');
    expect(unknown.fault?.message).to.include('secret other not found');
    const refused = await kitBuild(engine, { dockerfile, refused: ['other'] });
    expect(refused.fault?.reason).to.equal('secret_refused');
  });

  it('are an ssh agent for the step that asks for one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ssh-step-'));
    const key = await makeKey(folder, 'ed25519');
    const programs = await withLibraries('/usr/bin/ssh-add');
    try {
      for (const path of programs) await cp(path, join(folder, 'root', path), { dereference: true });
      await writeFile(
        join(folder, 'Dockerfile'),
        'FROM busybox\nCOPY root /\nRUN --mount=type=ssh ssh-add -L\nRUN ssh-add -L || true\n',
      );
      const { fault, log } = await kitBuild(engine, { tree: folderTree({ root: folder }), ssh: key.text });
      expect(fault).to.equal(undefined);
      expect(log.text('stdout').split(`${key.publicKey} build`)).to.have.length(2);
      const without = await kitBuild(engine, {
        dockerfile: 'FROM busybox\nRUN --mount=type=ssh,required true\n',
      });
      expect(without.fault?.message).to.include('the build was given no ssh key default');
      const wrong = await kitBuild(engine, {
        dockerfile: 'FROM busybox\nRUN --mount=type=ssh,required true\n',
        ssh: 'no key at all',
      });
      expect(wrong.fault?.reason).to.equal('secret_refused');
      expect(wrong.fault?.message).not.to.include('no key at all');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A program and what it is linked with. */
async function withLibraries(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  return [program, ...[...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? [])];
}
