import { expect } from 'chai';
import { globSync, readFileSync } from 'node:fs';
import { breaches } from './layers.ts';

const root = new URL('../../', import.meta.url);

function projectSources(): Map<string, string> {
  const files = globSync('{builder,server}/**/*.{ts,js}', { cwd: root });
  return new Map(
    files.map((file) => [file.replaceAll('\\', '/'), readFileSync(new URL(file, root), 'utf8')]),
  );
}

/** A small project in which everything is as it should be, with some files changed. */
function sample(changes: Record<string, string> = {}): Map<string, string> {
  return new Map(
    Object.entries({
      'builder/model/spec.ts': 'export interface Spec {}',
      'builder/steps/git.ts':
        "import type { Spec } from '../model/spec.ts';\nimport git from 'simple-git';\nlog();",
      'builder/build.ts': "import { clone } from './steps/git.ts';\nexport const build = clone;",
      'server/words/run.ts':
        "import type { Spec } from '../../builder/model/spec.ts';\nexport type Run = Spec;",
      'server/config/config.ts': "import { Low } from 'lowdb';\nexport const config = 1;",
      'server/store/store.ts': "import type { Run } from '../words/run.ts';\nexport interface Store {}",
      'server/store/sqlite.ts': "import type { Store } from './store.ts';\nexport const store = 1;",
      'server/room/room.ts':
        "import type { Store } from '../store/store.ts';\nimport { build } from '../../builder/build.ts';",
      'server/doors/jobs/routes.ts':
        "import { room } from '../../room/room.ts';\nimport express from 'express';",
      'server/doors/github.ts': "import type { Store } from '../store/store.ts';\nexport const github = 1;",
      'server/app/app.ts': "import { github } from '../doors/github.ts';\nexport const app = 1;",
      'server/main.js': "import { store } from './store/sqlite.ts';\nawait import('./app/app.ts');",
      ...changes,
    }),
  );
}

const planted: [what: string, file: string, source: string, breach: RegExp][] = [
  [
    'the model that reads files',
    'builder/model/spec.ts',
    "import fs from 'node:fs/promises';",
    /its row is pure/,
  ],
  [
    'the model that uses a step',
    'builder/model/spec.ts',
    "import { clone } from '../steps/git.ts';",
    /must not import/,
  ],
  [
    'a step that knows runs',
    'builder/steps/git.ts',
    "import type { Run } from '../../server/words/run.ts';",
    /must not/,
  ],
  [
    'words that know the store',
    'server/words/run.ts',
    "import type { Store } from '../store/store.ts';",
    /must not/,
  ],
  [
    'a store that builds',
    'server/store/sqlite.ts',
    "import { build } from '../../builder/build.ts';",
    /must not/,
  ],
  [
    'a room that picks its store',
    'server/room/room.ts',
    "import { store } from '../store/sqlite.ts';",
    /must not/,
  ],
  [
    'a room that speaks HTTP',
    'server/room/room.ts',
    "import express from 'express';",
    /belongs to server\/http/,
  ],
  ['a door that uses another', 'server/doors/github.ts', "import { x } from './jobs/routes.ts';", /must not/],
  [
    'a door that uses the store',
    'server/doors/github.ts',
    "import { x } from '../store/sqlite.ts';",
    /must not/,
  ],
  [
    'a door that clones',
    'server/doors/github.ts',
    "import { x } from '../../builder/steps/git.ts';",
    /must not/,
  ],
  [
    'a door that asks the engine',
    'server/doors/github.ts',
    "import Docker from 'dockerode';",
    /builder\/steps/,
  ],
  [
    'an import that brings an HTTP client',
    'server/serve.ts',
    "import { createServer } from 'node:http';",
    /getBuiltinModule/,
  ],
  [
    'an app that is imported from below',
    'server/room/room.ts',
    "export * from '../app/app.ts';\nlog();",
    /must not/,
  ],
  ['a late import', 'server/room/room.ts', "const x = await import('../app/app.ts');", /must not/],
  ['a computed import', 'server/room/room.ts', 'const x = await import(name);', /computed/],
  [
    'an import of several lines',
    'server/room/room.ts',
    "import {\n  a,\n  b,\n} from '../app/app.ts';",
    /must not/,
  ],
  [
    'code that needs its tests',
    'server/room/room.ts',
    "import { x } from '../../test/fixtures/x.ts';",
    /not in/,
  ],
  ['a file that only passes on', 'server/room/index.ts', "export * from './room.ts';", /only passes on/],
  ['a name that says nothing', 'server/room/utils.ts', 'export const x = 1;', /says nothing/],
  ['a folder that says nothing', 'server/room/helpers/x.ts', 'export const x = 1;', /says nothing/],
  ['a file outside all rows', 'server/queue/x.ts', 'export const x = 1;', /belongs to no layer/],
  ['a ring', 'builder/steps/git.ts', "import { build } from './other.ts';", /ring of imports/],
];

describe('layers', () => {
  it('hold in the whole project', () => {
    const sources = projectSources();
    expect(sources.size).to.be.greaterThan(10);
    expect(breaches(sources)).to.deep.equal([]);
  });

  it('hold in a sample that follows them', () => {
    expect(breaches(sample())).to.deep.equal([]);
  });

  for (const [what, file, source, breach] of planted) {
    it(`are broken by ${what}`, () => {
      const ring = {
        'builder/steps/other.ts': "import { clone } from './git.ts';\nexport const build = clone;",
      };
      const found = breaches(sample({ ...ring, [file]: source }));
      expect(found.join('\n')).to.match(breach);
      expect(found).to.have.length(1);
    });
  }

  it('do not mind a ring of types', () => {
    const ring = { 'server/room/engines.ts': "import type { Room } from './room.ts';\nlog();" };
    const room = "import type { Engines } from './engines.ts';\nlog();";
    expect(breaches(sample({ ...ring, 'server/room/room.ts': room }))).to.deep.equal([]);
  });
});
