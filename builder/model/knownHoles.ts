/** A part of an engine, as `/version` names it. */
export interface EngineComponent {
  name: string;
  version: string;
}

interface Hole {
  component: string;
  /** What it is known by. */
  names: string;
  /** The first version of each branch that is without it, oldest first; what is newer than the last one is, too. */
  fixed: readonly [string, ...string[]];
  /** What a build can do where it is open. */
  danger: string;
}

const holes: readonly Hole[] = [
  {
    component: 'runc',
    names: 'CVE-2024-21626',
    fixed: ['1.1.12'],
    danger: 'a build may leave its container',
  },
  {
    component: 'runc',
    names: 'CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881',
    fixed: ['1.2.8', '1.3.3', '1.4.0-rc.3'],
    danger: 'a build may leave its container',
  },
  {
    component: 'buildkit',
    names: 'CVE-2024-23651, CVE-2024-23652 and CVE-2024-23653',
    fixed: ['0.12.5'],
    danger: "a build may read or delete the machine's files",
  },
  {
    component: 'buildkit',
    names: 'GHSA-4c29-8rgm-jvjj',
    fixed: ['0.28.1'],
    danger: 'a frontend that a Dockerfile names may write files of the machine',
  },
  // These engines came with a BuildKit of their own that has the holes of before 0.12.5.
  {
    component: 'engine',
    names: 'CVE-2024-23651, CVE-2024-23652 and CVE-2024-23653',
    fixed: ['24.0.9', '25.0.2'],
    danger: "a build with BuildKit may read or delete the machine's files",
  },
];

/**
 * A sentence for each hole that a version is known for. Distributions mend old versions without a new number, so that
 * nobody can tell from here; a version that cannot be read says nothing.
 */
export function knownHoles(components: readonly EngineComponent[]): string[] {
  return components.flatMap(({ name, version }) => {
    const parsed = parse(version);
    if (!parsed) return [];
    const open = holes.filter(
      ({ component, fixed }) => component === name.toLowerCase() && !isFixed(parsed, fixed),
    );
    return open.map((hole) => sentence(name, version, hole));
  });
}

function sentence(name: string, version: string, { names, fixed, danger }: Hole): string {
  const versions = fixed.join(', ').replace(/, ([^,]+)$/, ' or $1');
  return `${name} ${version} may have ${names}: ${danger}. It is mended in ${versions}, or by your distribution.`;
}

/** Major, minor, patch, and the number of a release candidate; infinite where it is none. */
type Version = readonly [number, number, number, number];

const shape = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-~.](alpha|beta|rc)[-.]?(\d*))?/i;

function parse(text: string): Version | undefined {
  const [whole, major, minor, patch = '0', kind, candidate] = shape.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const last = kind === undefined ? Infinity : kind.toLowerCase() === 'rc' ? Number(candidate) : 0;
  return [Number(major), Number(minor), Number(patch), last];
}

function isFixed(version: Version, fixed: readonly string[]): boolean {
  const firsts = fixed.map(parse).filter((one) => one !== undefined);
  const own = firsts.find(([major, minor]) => major === version[0] && minor === version[1]);
  const first = own ?? firsts.at(-1);
  return first !== undefined && compare(version, first) >= 0;
}

function compare(a: Version, b: Version): number {
  const different = a.findIndex((part, i) => part !== b[i]);
  return different < 0 ? 0 : (a[different] ?? 0) - (b[different] ?? 0);
}
