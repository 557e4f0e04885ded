import { expect } from 'chai';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { SourceTree } from '../../../builder/model/tree.ts';
import { packContext } from '../../../builder/steps/context.ts';
import { findContext } from '../../../builder/steps/contextFiles.ts';
import { type FakeDaemon, startFakeDaemon } from './fakeDaemon.ts';
import { type Files, makeFolder } from './makeFolder.ts';
import { type Listed, listTar } from './tarList.ts';

interface Case {
  files: Files;
  dockerfile: string;
}

// Few names, so that patterns and paths often meet.
const name = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'foo'), weight: 3 },
  { arbitrary: fc.constantFrom('ab', 'x.log', 'a+b', 'é', 'Foo', '.hid', 'a b'), weight: 1 },
);
const wildcard = fc.constantFrom(
  '*',
  'a*',
  '*b',
  '*.log',
  '?',
  'f?o',
  '[ab]',
  '[^a]',
  '[a-c]*',
  '\\*',
  'x\\.log',
);
const piece = fc.oneof(
  { arbitrary: name, weight: 4 },
  { arbitrary: wildcard, weight: 3 },
  { arbitrary: fc.constantFrom('**', '..', '.', ''), weight: 2 },
);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '', '  '),
    fc.constantFrom('', '!', '!', '! '),
    fc.constantFrom('', '', '/', './'),
    fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('/')),
    fc.constantFrom('', '', '/', '/**', ' ', '\r'),
  )
  .map((parts) => parts.join(''));
const firstLine = fc.constantFrom('# comment', '*', '**', 'a', 'foo', '**/b', '\uFEFFa');
const brokenLine = fc.constantFrom('!', '[a', '[]', 'a\\', '!/');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const cases: fc.Arbitrary<Case> = fc
  .record({
    paths: fc.array(path, { minLength: 3, maxLength: 14 }),
    lines: fc.tuple(firstLine, fc.array(pattern, { minLength: 1, maxLength: 5 })),
    broken: fc.option(brokenLine, { freq: 12 }),
    dockerfile: fc.constantFrom('Dockerfile', 'a/Dockerfile', 'foo/b/x.dockerfile'),
  })
  .map(({ paths, lines, broken, dockerfile }) => ({
    files: {
      [dockerfile]: 'FROM scratch\n',
      '.dockerignore': [...lines.flat(), ...(broken === null ? [] : [broken])].join('\n'),
      ...treeOf(paths),
    },
    dockerfile,
  }));

/** Files at the paths, where none is also a folder of another; one is a link. */
function treeOf(paths: string[]): Files {
  const taken = [...paths, 'a/Dockerfile', 'foo/b/x'];
  const files = paths.filter((one) => !taken.some((other) => other.startsWith(`${one}/`)));
  return Object.fromEntries(files.map((one, i) => [one, i === 2 ? { link: '../nowhere' } : one]));
}

describe('build context', () => {
  let daemon: FakeDaemon;
  before(async () => (daemon = await startFakeDaemon()));
  after(() => daemon.close());

  it('holds what the docker CLI sends, for any tree and .dockerignore', async () => {
    const parameters = {
      numRuns: Number(process.env['CONTEXT_CASES'] ?? 80),
      seed: Number(process.env['CONTEXT_SEED'] ?? 8),
    };
    const samples = fc.sample((await isNewCli()) ? cases : cases.map(asBeforeVersion23), parameters);
    const queue = samples.values();
    await Promise.all([1, 2, 3].map(() => compareAll(daemon, queue)));
  });
});

/** Before version 23 the CLI lost exceptions below folders and misread `+`; ours does as it does since. */
async function isNewCli(): Promise<boolean> {
  const { stdout } = await promisify(execFile)('docker', ['--version']);
  return Number(/version (\d+)/.exec(stdout)?.[1]) >= 23;
}

function asBeforeVersion23({ files, dockerfile }: Case): Case {
  const lines = files['.dockerignore'];
  return {
    files: { ...files, '.dockerignore': (typeof lines === 'string' ? lines : '').replaceAll(/[!+]/g, '') },
    dockerfile,
  };
}

async function compareAll(daemon: FakeDaemon, queue: Iterable<Case>): Promise<void> {
  for (const one of queue) {
    const folder = await makeFolder(one.files);
    try {
      const [theirs, ours] = await Promise.all([
        daemon.contextOf(folder.path, one.dockerfile),
        ourContext(folder.tree, one.dockerfile),
      ]);
      // Some patterns make the CLI forget its own Dockerfile, and the build fail: nothing to be equal to.
      if (theirs?.every((entry) => entry.name !== one.dockerfile)) continue;
      expect(summary(ours), JSON.stringify(one, null, 1)).to.deep.equal(summary(theirs));
    } finally {
      await folder.remove();
    }
  }
}

async function ourContext(tree: SourceTree, dockerfile: string): Promise<Listed[] | undefined> {
  const limits = { maxBytes: 1e6, maxEntries: 1000, signal: new AbortController().signal };
  try {
    return await listTar(
      packContext(tree, { found: await findContext(tree, { folder: '', dockerfile }), ...limits }),
    );
  } catch (error) {
    if (error instanceof BuildFault && error.reason === 'context_invalid') return undefined;
    throw error;
  }
}

function summary(listed: Listed[] | undefined): string[] | undefined {
  return listed?.map((entry) => [entry.name, entry.type, entry.linkName, entry.content].join(' | '));
}
