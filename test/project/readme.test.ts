import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { checkSettings } from '../../server/config/settingsSchema.ts';
import { serverVariables } from '../../server/config/variables.ts';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

describe('README.md', () => {
  it('explains every variable that the server reads, and no other', () => {
    const names = [...readme.matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(
      (row) => row[1]?.match(/[A-Z_]+/g) ?? [],
    );
    expect(names).to.have.members([...serverVariables]);
  });

  it('has an example of settings.json that the server takes', () => {
    const example = /```json\n(?<json>[^`]+)```/.exec(readme)?.groups?.['json'] ?? '';
    expect(checkSettings(JSON.parse(example)).settings.engines).to.have.length(1);
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?<file>[^):#]+)\)/g)].map((link) => link.groups?.['file'] ?? '');
    expect(links).to.include('docs/http.md');
    for (const file of links) expect(existsSync(new URL(file, root)), file).to.equal(true);
  });
});
