import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { containerKeys } from '../../../builder/model/bobfile/keys.ts';
import { parseBobfile } from '../../../builder/model/bobfile/parse.ts';

const docs = readFileSync(new URL('../../../docs/bobfile.md', import.meta.url), 'utf8');

describe('docs/bobfile.md', () => {
  it('has only examples that are good', () => {
    const blocks = [...docs.matchAll(/^```(toml|yaml|json)\n(.*?)^```$/gms)];
    expect(blocks.length).to.be.at.least(4);
    for (const [, format, text = ''] of blocks)
      expect(parseBobfile(text, `example.${format}`).images, text).to.not.be.empty;
  });

  it('explains each key of a container, with an example that is good', () => {
    const rows = [...docs.matchAll(/^\| `([\w.]+)` \| `([^|]+?)`(?: or `[^|]+`)? \|/gm)];
    const explained = new Set(rows.map(([, key = '']) => key.replace(/\..*/, '')));
    expect([...explained]).to.have.members([...containerKeys]);
    for (const [, key = '', example = ''] of rows) {
      const usual = ['registry = "acme"', 'project = "p"', 'tags = ["t"]'];
      const pushed = ['dockercfg_un = "u"', 'dockercfg_pass = "secret:p"'];
      const others = [...usual, ...(key === 'credentials' ? [] : pushed)].filter(
        (line) => !line.startsWith(`${key} `),
      );
      const text = ['[[container]]', 'name = "base"', '[[container]]', ...others, `${key} = ${example}`];
      expect(parseBobfile(text.join('\n'), '').images, key).to.have.length(2);
    }
  });
});
