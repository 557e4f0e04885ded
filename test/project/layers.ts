import path from 'node:path';
import { type Import, importsOf, isBarrel } from './imports.ts';

interface Row {
  files: RegExp;
  /** Rows whose code this row may use; its own is always one of them. */
  uses: readonly RowName[];
  /** Rows of which it may know the types only. */
  knows?: readonly RowName[];
}

const pure = ['builder/model', 'server/words'] as const;
const contracts = [...pure, 'server/config', 'server/store/store.ts'] as const;

type RowName =
  | 'builder/model'
  | 'builder/steps'
  | 'builder'
  | 'server/words'
  | 'server/config'
  | 'server/store/store.ts'
  | 'server/store'
  | 'server/room'
  | 'server/http'
  | 'server/doors'
  | 'server/app'
  | 'server/main';

/** The layers table of ARCHITECTURE.md. The first row that matches a file is the file's own. */
const rows: Record<RowName, Row> = {
  'builder/model': { files: /^builder\/model\//, uses: [] },
  'builder/steps': { files: /^builder\/steps\//, uses: ['builder/model'] },
  builder: { files: /^builder\/[^/]+$/, uses: ['builder/model', 'builder/steps'] },
  'server/words': { files: /^server\/words\//, uses: ['builder/model'] },
  'server/config': {
    files: /^server\/config\//,
    uses: ['builder/model', 'builder/steps', 'builder', 'server/words'],
  },
  'server/store/store.ts': { files: /^server\/store\/(?:store|contract\/[^/]+)\.ts$/, uses: pure },
  'server/store': { files: /^server\/store\//, uses: [...pure, 'server/store/store.ts'] },
  'server/room': { files: /^server\/room\//, uses: [...contracts, 'builder/steps', 'builder'] },
  'server/http': { files: /^server\/http\//, uses: pure },
  'server/doors': {
    files: /^server\/doors\//,
    uses: [...pure, 'server/config', 'server/room', 'server/http'],
    knows: ['server/store/store.ts'],
  },
  'server/app': {
    files: /^server\/app\//,
    uses: [...pure, 'server/config', 'server/room', 'server/http', 'server/doors'],
    knows: ['server/store/store.ts'],
  },
  'server/main': {
    files: /^server\/[^/]+$|^server\/(?:cli|roles)\//,
    uses: [
      ...contracts,
      'builder/steps',
      'builder',
      'server/store',
      'server/room',
      'server/doors',
      'server/app',
    ],
  },
};

/** Packages and parts of Node that belong to some rows only. `server/main` wires everything and may use all. */
const homes: Record<string, readonly RowName[]> = {
  dockerode: ['builder/steps'],
  'simple-git': ['builder/steps'],
  'tar-fs': ['builder/steps'],
  'tar-stream': ['builder/steps'],
  '@grpc/grpc-js': ['builder/steps'],
  protobufjs: ['builder/model'],
  yaml: ['builder/model'],
  'smol-toml': ['builder/model'],
  lowdb: ['server/config'],
  express: ['server/http', 'server/doors', 'server/app'],
  helmet: ['server/app'],
  undici: ['server/room'],
  ws: ['server/app'],
  'node:sqlite': ['server/store'],
  postgres: ['server/store'],
};

/** Parts of Node that reach outside the process: not for the row that only says what a build is. */
const outside =
  /^node:(?:fs|net|tls|dgram|dns|https?|http2|child_process|worker_threads|cluster|sqlite)(?:\/|$)/;
const vagueName = /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\/|\.)/i;

/** Every breach of the layers among the given sources (path → text), as sentences. Empty when all is well. */
export function breaches(sources: ReadonlyMap<string, string>): string[] {
  const each = [...sources].flatMap(([file, source]) => fileBreaches(file, source, sources));
  return [...each, ...cycles(sources)];
}

function fileBreaches(file: string, source: string, sources: ReadonlyMap<string, string>): string[] {
  const row = rowOf(file);
  if (!row) return [`${file} belongs to no layer`];
  return [
    ...(vagueName.test(file) ? [`${file} has a name that says nothing`] : []),
    ...(isBarrel(source) ? [`${file} only passes on other files`] : []),
    ...importsOf(source).flatMap((found) => importBreach(file, row, found, sources) ?? []),
  ];
}

function importBreach(
  file: string,
  row: RowName,
  found: Import,
  sources: ReadonlyMap<string, string>,
): string | undefined {
  if (found.specifier === undefined) return `${file} imports something computed`;
  if (!found.specifier.startsWith('.')) return packageBreach(file, row, found.specifier, found.typeOnly);
  const target = resolve(file, found.specifier);
  if (!sources.has(target)) return `${file} imports ${target}, which is not in builder/ or server/`;
  return isAllowed(file, row, target, found.typeOnly) ? undefined : `${file} must not import ${target}`;
}

function packageBreach(file: string, row: RowName, specifier: string, typeOnly: boolean): string | undefined {
  if (specifier === 'node:http' && !typeOnly)
    return `${file} must not import node:http: process.getBuiltinModule gives it without a client of 4 MB`;
  if (row === 'server/main') return undefined;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const home = homes[name];
  if (home && !home.includes(row))
    return `${file} must not import ${specifier}: it belongs to ${home.join(', ')}`;
  if (row === 'builder/model' && !typeOnly && outside.test(specifier))
    return `${file} must not import ${specifier}: its row is pure`;
  return undefined;
}

function isAllowed(file: string, row: RowName, target: string, typeOnly: boolean): boolean {
  const other = rowOf(target);
  if (!other) return false;
  if (other === row) return row !== 'server/doors' || doorOf(file) === doorOf(target);
  const { uses, knows = [] } = rows[row];
  return uses.includes(other) || (typeOnly && knows.includes(other));
}

function rowOf(file: string): RowName | undefined {
  return rowNames.find((name) => rows[name].files.test(file));
}

const rowNames = Object.keys(rows) as RowName[];

/** A door is one file or one folder of `server/doors/`. */
function doorOf(file: string): string | undefined {
  return file.split('/')[2]?.replace(/\.ts$/, '');
}

function resolve(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** Rings of imports. Types do not count: they are gone when the program runs. */
function cycles(sources: ReadonlyMap<string, string>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: string[]): void => {
    const start = way.indexOf(file);
    if (start >= 0) found.push(`ring of imports: ${[...way.slice(start), file].join(' -> ')}`);
    if (start >= 0 || done.has(file)) return;
    for (const target of neighbours(file, sources)) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return found;
}

function neighbours(file: string, sources: ReadonlyMap<string, string>): string[] {
  return importsOf(sources.get(file) ?? '')
    .filter(({ specifier, typeOnly }) => !typeOnly && specifier?.startsWith('.'))
    .map(({ specifier }) => resolve(file, specifier ?? ''));
}
