import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseDockerignore } from '../../builder/model/dockerignore.ts';
import { sharedEngine } from '../fixtures/engine.ts';

const root = path.join(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8');

/** The files and folders of the repository that the Dockerfile copies. */
function copied(): string[] {
  const lines = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].map((line) => line[1]?.split(/\s+/) ?? []);
  return lines.flatMap((words) => words.slice(0, -1));
}

describe('the Dockerfile of the server', () => {
  it('copies what is there, and .dockerignore lets it through', () => {
    const ignore = parseDockerignore(readFileSync(path.join(root, '.dockerignore'), 'utf8'), []);
    expect(copied()).to.include('server').and.to.include('package-lock.json');
    for (const file of copied()) {
      expect(existsSync(path.join(root, file)), file).to.equal(true);
      expect(ignore.excludes(file), file).to.equal(false);
    }
    expect(ignore.excludes('node_modules/express')).to.equal(true);
    expect(ignore.excludes('.git/config')).to.equal(true);
  });

  it('is understood by the engine', async () => {
    const engine = await sharedEngine();
    const folder = await mkdtemp(path.join(tmpdir(), 'docker-builder-'));
    try {
      // An empty base stands for Debian's: every line is parsed before the first one that needs a program fails.
      await writeFile(path.join(folder, 'Dockerfile'), text.replace(/^FROM \S+/gm, 'FROM scratch'));
      await writeFile(path.join(folder, 'package.json'), '{}');
      await writeFile(path.join(folder, 'package-lock.json'), '{}');
      const complaint = await engine.docker('build', '--force-rm', folder).catch(String);
      expect(complaint)
        .to.include('/bin/sh')
        .and.not.match(/parse error|unknown instruction|unknown flag/i);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
