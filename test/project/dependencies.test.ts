import { expect } from 'chai';
import { readFileSync } from 'node:fs';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** The packages that a section of docs/dependencies.md gives a reason for. */
function explained(heading: string): string[] {
  const section = read('docs/dependencies.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` +\| \S.*\|$/gm)].map((row) => row[1] ?? '');
}

describe('docs/dependencies.md', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Package;

  it('gives a reason for every package that the server runs with, and no other', () => {
    expect(explained('At run time')).to.deep.equal(Object.keys(dependencies).toSorted());
  });

  it('gives a reason for every package of development, and no other', () => {
    expect(explained('For development')).to.deep.equal(Object.keys(devDependencies).toSorted());
  });
});
